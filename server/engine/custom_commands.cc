#include <utility>

#include "server/engine/command_run.h"
#include "server/engine/shard_step.h"
#include "server/objects/custom.h"
#include "server/objects/error.h"

// Objects of the users' own types: how they come to be, and how calls of their methods end.

namespace mp::server {

absl::StatusOr<std::unique_ptr<Object>> CommandRun::make_object(const Related& related) {
  const KindTable& kind = *entry_.kind;
  if (kind.kind == Kind::kCustom)
    return engine_.custom_calls().make(request_as<v1::CustomCreateRequest>().type());
  return kind.create(request_, engine_.limits().objects, related);
}

// The object is there at once, and whoever asks for it waits until its constructor is done.
void CommandRun::run_create_custom(Section& section, std::string_view name) {
  bool existed = false;
  const absl::StatusOr<HostedObject*> hosted = find_or_make(section, {}, name, existed);
  if (!hosted.ok()) return fail(section, hosted.status());
  const ObjectId id = (*hosted)->id;
  section.run(**hosted,
              {.kind = *entry_.kind,
               .operation = Custom::construction(),
               .request = request_,
               .reply = reply(),
               .outcome = outcome_,
               .inside_call = command_.inside_call()},
              origin_);
  const auto& custom = static_cast<const Custom&>(*section.find(id)->object);
  if (custom.is_new())  // refused before its constructor could begin
    section.remove(id, error(v1::NO_SUCH_OBJECT, "the object was not constructed"));
}

bool Section::end_call(ObjectId id, CallId call, CallResult& result, const absl::Status& room) {
  HostedObject* hosted = find(id);
  if (hosted == nullptr) return false;
  use(*hosted);
  Custom* custom = &static_cast<Custom&>(*hosted->object);
  bool added = false;
  if (result.type != nullptr && result.status.ok() && custom->awaits_result(call)) {
    result.status = room;
    added = room.ok();
    if (added) {
      const HostedObject& child = add({}, std::make_unique<Custom>(result.type, custom->workshop(),
                                                                   std::move(result.instance)));
      v1::Value ref;
      ref.mutable_ref()->set_id(child.id);
      ref.mutable_ref()->set_kind(std::string(name_of(Kind::kCustom)));
      result.value = ref.SerializeAsString();
      hosted = find(id);  // may lie elsewhere now
    }
  }
  ShardStep step(*this, *hosted);
  custom->ended(call, result, step);
  custom->settle(step);
  complete(step);
  if (const absl::Status failure = custom->failure(); !failure.ok()) remove(id, failure);
  return added;
}

}  // namespace mp::server
