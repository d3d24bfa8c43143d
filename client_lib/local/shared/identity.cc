#include "client_lib/local/shared/identity.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string_view>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/os/pidfd.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {

constinit std::atomic<std::uint64_t> this_process_word = 0;

namespace {

constexpr unsigned kPidBits = 22;  // Linux' process ids stay below 2^22
constexpr std::uint64_t kPidMask = (std::uint64_t{1} << kPidBits) - 1;
constexpr std::uint64_t kIdentityMask = (std::uint64_t{1} << ProcessIdentity::kBits) - 1;

// Field 22 of /proc/<pid>/stat: in clock ticks since the machine started.
std::optional<std::uint64_t> start_time(std::string_view stat) {
  constexpr int kFieldsFromStateToStartTime = 19;
  // The name, in brackets, may hold anything; what follows is numbers.
  const auto end_of_name = stat.rfind(')');
  if (end_of_name == std::string_view::npos || end_of_name + 2 > stat.size()) return std::nullopt;
  stat.remove_prefix(end_of_name + 2);
  for (int field = 0; field < kFieldsFromStateToStartTime; ++field) {
    const auto blank = stat.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    stat.remove_prefix(blank + 1);
  }
  std::uint64_t ticks = 0;
  if (std::from_chars(stat.data(), stat.data() + stat.size(), ticks).ec != std::errc())
    return std::nullopt;
  return ticks;
}

std::optional<std::uint64_t> start_time_of(int pid) noexcept {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const Descriptor file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return std::nullopt;
  std::array<char, 1024> text{};
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size <= 0) return std::nullopt;
  return start_time({text.data(), static_cast<std::size_t>(size)});
}

ProcessIdentity identity_of(int pid, std::optional<std::uint64_t> started) noexcept {
  const auto number = static_cast<std::uint64_t>(pid) & kPidMask;
  return {(number | (started.value_or(0) << kPidBits)) & kIdentityMask};
}

bool has_ended(const Descriptor& pidfd) noexcept {
  pollfd entry{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) > 0;
}

// Of an attempt to have a pidfd: nobody has the number, or a thread has it that is no process.
bool means_no_process(int error) noexcept {
  return error == ESRCH || error == EINVAL || error == ENOENT;
}

bool is_in_use(int pid) noexcept { return ::kill(pid, 0) == 0 || errno != ESRCH; }

void forget_this_process() { this_process_word.store(0, std::memory_order_relaxed); }

[[maybe_unused]] const int kHandlerIsRegistered =
    ::pthread_atfork(nullptr, nullptr, forget_this_process);

}  // namespace

int ProcessIdentity::pid() const { return static_cast<int>(word & kPidMask); }

ProcessIdentity find_this_process() noexcept {
  const int pid = ::getpid();
  const ProcessIdentity found = identity_of(pid, start_time_of(pid));
  this_process_word.store(found.word, std::memory_order_relaxed);
  return found;
}

bool is_running(ProcessIdentity process) noexcept {
  if (process == this_process()) return true;
  const int pid = process.pid();
  {
    const Descriptor pidfd = open_pidfd(pid);
    if (!pidfd.is_open()) return !means_no_process(errno) && is_in_use(pid);
    if (has_ended(pidfd)) return false;
  }
  const std::uint64_t known_start = process.word >> kPidBits;
  const auto started = start_time_of(pid);
  return !started || known_start == 0 || identity_of(pid, started) == process;
}

std::uint64_t this_thread() noexcept {
  struct Known {
    std::uint64_t thread = 0;
    std::uint64_t generation = 0;
  };
  thread_local constinit Known known;
  const auto generation = fork_generation();
  if (known.thread == 0 || known.generation != generation)
    known = {(this_process().word & ~kPidMask) | static_cast<std::uint64_t>(::gettid()),
             generation};
  return known.thread;
}

}  // namespace mp::internal
