#include "client_lib/manager/object_life.h"

#include <chrono>

#include "mp/proxy/proxy.h"
#include "mp/wire/message.h"

namespace mp {
namespace internal {
namespace {

constexpr std::uint32_t kTimeToLive = 1;  // of mp.v1.ObjectLife
constexpr std::uint32_t kIdleTime = 2;

}  // namespace

void write_life(wire::Message& request, std::uint32_t field, const Life& life) {
  wire::Scratch times;
  if (const Timeout time = life.time_to_live.nanoseconds()) times->duration(kTimeToLive, *time);
  if (const Timeout time = life.idle_time.nanoseconds()) times->duration(kIdleTime, *time);
  request.message(field, *times);
}

}  // namespace internal

void Proxy::set_life(const Life& life) const {
  wire::Scratch request;
  internal::write_life(*request, 3, life);
  remote()->call(wire::Operation::kObjectSetLife, *request, options());
}

Life Proxy::life() const {
  wire::Scratch request;
  const internal::Reply reply =
      remote()->call(wire::Operation::kObjectGetLife, *request, options());
  Life life;
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() != 1) continue;
    for (wire::Fields times = fields.message(); times.next();) {
      if (times.field() == internal::kTimeToLive) life.time_to_live = times.duration();
      if (times.field() == internal::kIdleTime) life.idle_time = times.duration();
    }
  }
  return life;
}

std::uint64_t Proxy::version() const {
  wire::Scratch request;
  return remote()->call(wire::Operation::kObjectGetVersion, *request, options()).uint(1);
}

}  // namespace mp
