#include "absl/container/flat_hash_map.h"
#include "server/engine/inspection.h"
#include "server/objects/custom.h"

// What an operator sees of the users' own types.

namespace mp::server {

absl::Status Inspection::list_types(const v1::ListTypesRequest&, v1::ListTypesReply& reply) {
  absl::flat_hash_map<const CustomType*, std::uint64_t> objects;
  for (const auto& shard : engine_.shards()) {
    Deliveries deliveries;
    const Section section(*shard, deliveries);
    for (const auto& [id, hosted] : section.objects()) {
      if (hosted.object->kind() == Kind::kCustom)
        ++objects[static_cast<const Custom&>(*hosted.object).type()];
    }
  }
  for (const auto& known : engine_.custom_calls().types()) {
    v1::CustomType& type = *reply.add_types();
    type.set_name(known->name());
    type.set_objects(objects[known.get()]);
    for (const CustomType::Method& each : known->methods()) {
      v1::CustomMethod& method = *type.add_methods();
      method.set_name(each.name);
      method.set_read_only(each.read_only);
      method.set_signature(each.signature);
    }
  }
  return absl::OkStatus();
}

}  // namespace mp::server
