#include "client_lib/local/start/inheritance.h"

#include "client_lib/local/process/fork_guard.h"

namespace mp::internal {
namespace {

std::vector<Inheritance>& registered() {
  static auto* const all = new std::vector<Inheritance>;
  return *all;
}

}  // namespace

void register_inheritance(Inheritance inheritance) {
  const ForkTurn turn;
  registered().push_back(std::move(inheritance));
}

PackedInheritance pack_inheritance() {
  PackedInheritance packed;
  for (const Inheritance& layer : registered())
    packed.emplace_back(layer.name, Bytes(layer.pack()));
  return packed;
}

void unpack_inheritance(const PackedInheritance& packed) {
  // In our order, which is theirs; a layer that came by dlopen() may be in one of the two only.
  for (const Inheritance& layer : registered()) {
    for (const auto& [name, bytes] : packed) {
      if (name == layer.name) layer.unpack(bytes.view());
    }
  }
}

}  // namespace mp::internal
