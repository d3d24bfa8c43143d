#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/objects/value.h"

// Any bytes as a value from the wire: what is let in comes out again as it went in, and a key is a
// value that compares equal to itself.

namespace mp::server {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void fuzz(const std::uint8_t* data, std::size_t size) {
  v1::Value wire;
  if (!wire.ParseFromArray(data, static_cast<int>(size))) return;
  const ObjectLimits limits{.max_depth = 16, .max_bytes = 4096, .max_items = 1000};
  const auto value = Value::from_wire(wire, limits);
  if (!value.ok()) return;
  v1::Value once;
  value->to_wire(&once);
  const auto again = Value::from_wire(once, limits);
  require(again.ok());
  v1::Value twice;
  again->to_wire(&twice);
  require(once.SerializeAsString() == twice.SerializeAsString());

  const auto key = Value::key_from_wire(once, limits);
  if (!key.ok()) return;
  const auto same = Value::key_from_wire(twice, limits);
  require(same.ok() && same_key(*key, *same) && key->hash() == same->hash());
}

}  // namespace
}  // namespace mp::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mp::server::fuzz(data, size);
  return 0;
}
