#pragma once

#include "server/objects/step.h"

namespace mp::server {

// What lies beyond the end of time does not come.
inline Time later(Time time, Duration by) {
  return by < Time::max() - time ? time + by : Time::max();
}

// Where time comes from. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SteadyClock final : public Clock {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace mp::server
