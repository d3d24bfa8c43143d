#pragma once

#include <chrono>

#include "mp/internal/timeout.h"
#include "mp/none.h"

namespace mp {

// How long a call may wait: any std::chrono duration, or mp::None for as long as it takes.
//
// Zero and less mean: do not wait. Time is measured on the monotonic clock.
//
//   jobs.get(250ms);   jobs.get(1.5s);   jobs.get(mp::None);
class TimeLimit {
 public:
  constexpr TimeLimit(NoneType) {}  // no default: `{}` never means for ever by accident
  template <class Rep, class Period>
  constexpr TimeLimit(std::chrono::duration<Rep, Period> limit)
      : limit_(internal::to_timeout(limit)) {}

  // nullopt: none.
  constexpr internal::Timeout nanoseconds() const { return limit_; }

 private:
  internal::Timeout limit_;
};

}  // namespace mp
