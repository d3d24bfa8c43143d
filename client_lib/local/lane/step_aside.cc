#include "client_lib/local/lane/step_aside.h"

#include <sched.h>
#include <unistd.h>

#include "client_lib/local/shared/spin.h"

namespace mp::internal {
namespace {

constexpr std::chrono::microseconds kBetweenMoves(200);

// What gives back where a thread might run before. Who might run on all processors may do so on
// those that come later, too: that is all bits, of which the system takes those that there are.
cpu_set_t to_restore(const cpu_set_t& allowed) {
  // Asked once, and before this thread is confined: then it may be what a sandbox tells.
  static const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
  if (online <= 0 || CPU_COUNT(&allowed) < online) return allowed;
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) CPU_SET(processor, &all);
  return all;
}

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
  const cpu_set_t before = to_restore(allowed);
  if (::sched_setaffinity(0, sizeof others, &others) != 0) return;
  ::sched_setaffinity(0, sizeof before, &before);
}

}  // namespace mp::internal
