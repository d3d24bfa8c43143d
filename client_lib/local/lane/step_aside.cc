#include "client_lib/local/lane/step_aside.h"

#include <sched.h>

#include "client_lib/local/shared/spin.h"

namespace mp::internal {
namespace {

constexpr std::chrono::microseconds kBetweenMoves(200);

}  // namespace

void StepAside::from(std::uint32_t processor) {
  if (this_processor() != processor) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < not_before_) return;
  not_before_ = now + kBetweenMoves;
  // A machine with more processors than a cpu_set_t has room for says so here; it has enough.
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  cpu_set_t others = allowed;
  CPU_CLR(processor, &others);
  if (CPU_COUNT(&others) == 0) return;
  if (::sched_setaffinity(0, sizeof others, &others) != 0) return;
  ::sched_setaffinity(0, sizeof allowed, &allowed);
}

}  // namespace mp::internal
