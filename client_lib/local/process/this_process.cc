#include "client_lib/local/process/this_process.h"

#include <algorithm>
#include <iterator>

namespace mp::internal {
namespace {

constinit std::mutex mutex;

// Never destroyed: handlers that run at exit, and threads that outlive main, still ask for it.
ThisProcess& data() {
  static auto* const this_process = new ThisProcess;
  return *this_process;
}

}  // namespace

std::string default_name(const std::vector<int>& identity) {
  std::string result = "Process-";
  for (const int number : identity) {
    if (result.back() != '-') result += ':';
    result += std::to_string(number);
  }
  return result;
}

void ThisProcess::forget_inherited() {
  children.clear();
  std::ranges::move(at_exit_handlers, std::back_inserter(inherited_handlers));
  at_exit_handlers.clear();
  for (const auto& weak : sentinels) {
    if (const auto sentinel = weak.lock()) sentinel->close();
  }
  sentinels.clear();
  lifeline.reset();
  generation = fork_generation();
}

LockedProcess::LockedProcess() : lock_(mutex), data_(data()) {
  // After a raw fork() nobody has told us: the first to ask finds out.
  if (data_.generation != fork_generation()) data_.forget_inherited();
}

void lock_this_process_for_fork() { mutex.lock(); }
void unlock_this_process_after_fork() { mutex.unlock(); }

}  // namespace mp::internal
