#pragma once

#include <chrono>

#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "server/objects/step.h"

namespace mp::server {

inline google::protobuf::Timestamp timestamp(std::chrono::system_clock::time_point time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(
      std::chrono::duration_cast<Duration>(time.time_since_epoch()).count());
}

// What the engine's moments are by the calendar, as it stands now.
class WallTime {
 public:
  explicit WallTime(Time now) : now_(now), wall_now_(std::chrono::system_clock::now()) {}

  Time now() const { return now_; }
  google::protobuf::Timestamp of(Time time) const {
    return timestamp(wall_now_ -
                     std::chrono::duration_cast<std::chrono::system_clock::duration>(now_ - time));
  }

 private:
  const Time now_;
  const std::chrono::system_clock::time_point wall_now_;
};

}  // namespace mp::server
