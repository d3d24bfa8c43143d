#include "client_lib/manager/lane.h"

#include <chrono>
#include <string>

#include "client_lib/local/lane/lane_wait.h"
#include "mp/errors.h"
#include "mp/lane.h"

namespace mp::internal {

void require_valid(const LaneSpin& spin) {
  if (spin.budget < std::chrono::nanoseconds::zero() || spin.budget > kLongestSpin)
    throw ValueError("the spin's budget is " + std::to_string(spin.budget.count()) +
                     " ns: it must be from 0 to 10 ms");
}

}  // namespace mp::internal
