#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "server/engine/lookup.h"
#include "server/engine/section.h"
#include "server/engine/shard_step.h"
#include "server/objects/error.h"
#include "server/objects/watch.h"

// Names of objects, and how long they live.

namespace mp::server {

void Section::remove(ObjectId id, const absl::Status& why) {
  HostedObject* hosted = find(id);
  const std::shared_ptr<Object> object = hosted->object;
  ShardStep step(*this, *hosted);
  object->dissolve(why, step);
  complete(step);
  if (hosted->waiters != 0) {
    // Of sessions that have ended and are not swept yet: the object has dropped them already.
    std::vector<Ticket> left;
    for (const auto& [ticket, parked] : shard_.parked_) {
      if (parked.object == id) left.push_back(ticket);
    }
    for (const Ticket ticket : left) reject(ticket, why);
  }
  if (!hosted->name.empty()) {
    shard_.names_.erase(hosted->name);
    shard_.directory_.forget(hosted->name);
  }
  shard_.objects_.erase(id);
  shard_.directory_.uncount_object();
  if (object->log() != nullptr) object->log()->end(object->version() + 1);
  tell_watches(*object);
  if (object->kind() == Kind::kWatch) {
    const ObjectId watched = static_cast<const Watch&>(*object).watched_id();
    static_cast<Watch&>(*object).leave();
    review_log(watched);
  }
}

void Section::rename(HostedObject& hosted, std::string_view name) {
  if (!hosted.name.empty()) {
    shard_.names_.erase(hosted.name);
    shard_.directory_.forget(hosted.name);
  }
  hosted.name = std::string(name);
  shard_.names_[hosted.name] = hosted.id;
}

void Section::set_life(HostedObject& hosted, const v1::ObjectLife& wire) {
  hosted.life.reset();
  if (!wire.has_time_to_live() && !wire.has_idle_time()) return;
  hosted.life = std::make_unique<Life>();
  hosted.life->last_use = now();
  if (wire.has_time_to_live()) hosted.life->ends = later(now(), duration_of(wire.time_to_live()));
  if (wire.has_idle_time()) hosted.life->idle_time = duration_of(wire.idle_time());
  watch_life(hosted);
}

void Section::get_life(const HostedObject& hosted, v1::ObjectLife& wire) const {
  if (hosted.life == nullptr) return;
  using google::protobuf::util::TimeUtil;
  if (hosted.life->ends) {
    const Duration left = *hosted.life->ends - now();
    *wire.mutable_time_to_live() = TimeUtil::NanosecondsToDuration(left.count());
  }
  if (hosted.life->idle_time)
    *wire.mutable_idle_time() = TimeUtil::NanosecondsToDuration(hosted.life->idle_time->count());
}

void Section::watch_life(HostedObject& hosted) {
  Life& life = *hosted.life;
  Time next = life.ends.value_or(Time::max());
  if (life.idle_time) next = std::min(next, later(life.last_use, *life.idle_time));
  life.alarm = ++shard_.last_ticket_;
  shard_.timers_.add({next, life.alarm, hosted.id});
}

void Section::review_life(HostedObject& hosted) {
  Life& life = *hosted.life;
  if (life.idle_time && (hosted.waiters != 0 || hosted.object->in_use())) life.last_use = now();
  const bool over = life.ends && *life.ends <= now();
  const bool idle = life.idle_time && later(life.last_use, *life.idle_time) <= now();
  if (!over && !idle) return watch_life(hosted);
  const Target target{.name = hosted.name, .id = hosted.name.empty() ? hosted.id : 0};
  remove(hosted.id,
         error(v1::NO_SUCH_OBJECT,
               absl::StrCat(title(name_of(hosted.object->kind()), target), " was removed: ",
                            over ? "its time to live is over" : "nobody used it for so long")));
}

}  // namespace mp::server
