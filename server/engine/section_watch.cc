#include "server/engine/section.h"
#include "server/objects/watch.h"

// Versions of objects, and those who watch them.

namespace mp::server {

void Section::note(HostedObject& hosted, const KindTable& kind, const Operation& operation,
                   Altered altered, v1::Outcome& outcome) {
  Object& object = *hosted.object;
  if (outcome.has_error()) {
    if (object.log() != nullptr) object.log()->forget_step();
  } else if (operation.effect != Effect::kReads) {
    if (altered == Altered::kYes)
      object.note_change({.service = kind.service, .rpc = operation.rpc});
    outcome.set_version(object.version());
  }
  if (object.log() != nullptr) outcome.set_version(object.version());
}

void Section::note_batch(ObjectId id) {
  constexpr Deed kBatch{.service = "mp.v1.Batches", .rpc = "Run"};
  find(id)->object->note_batch(kBatch);
}

void Section::tell_watches(Object& object) {
  tell_watches_of(object.log());
  if (const Object* companion = object.companion()) tell_watches_of(companion->log());
}

void Section::tell_watches_of(const std::shared_ptr<ChangeLog>& log) {
  if (log == nullptr) return;
  const std::shared_ptr<ChangeLog> kept = log;
  for (const ObjectId watch : kept->take_awoken()) settle(watch);
}

void Section::review_log(ObjectId watched) {
  HostedObject* hosted = find(watched);
  if (hosted == nullptr || hosted->object->log() == nullptr ||
      hosted->object->log()->has_readers()) {
    return;
  }
  hosted->log_alarm = ++shard_.last_ticket_;
  shard_.timers_.add({later(now(), shard_.limits_.watch_retention), hosted->log_alarm, watched});
}

}  // namespace mp::server
