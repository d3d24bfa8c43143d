#include "mp/logging.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "client_lib/local/process/this_process.h"
#include "client_lib/local/process/uncaught.h"
#include "mp/errors.h"
#include "mp/internal/inheritance.h"

namespace mp {
namespace internal {

constinit std::atomic<int> lowest_level_written = std::numeric_limits<int>::max();

namespace {

struct Handler {
  std::uint64_t number;
  std::shared_ptr<const std::function<void(const LogRecord&)>> call;
};
using Handlers = std::vector<Handler>;

constexpr std::uint64_t kNoHandler = 0;

// Guarded by LockedProcess, so that a forked child finds it in one piece. Whoever logs calls the
// handlers that there were when it began.
struct State {
  LogLevel level = LogLevel::kNotSet;
  std::shared_ptr<const Handlers> handlers = std::make_shared<const Handlers>();
  std::uint64_t last_number = kNoHandler;
  std::uint64_t standard_error = kNoHandler;
};

State& state_of(const LockedProcess&) {
  static auto* const state = new State;  // never destroyed: handlers that run at exit log too
  return *state;
}

LogLevel effective(const State& state) {
  return state.level == LogLevel::kNotSet ? LogLevel::kWarning : state.level;
}

void settle(const State& state) {
  const int lowest = state.handlers->empty() ? std::numeric_limits<int>::max()
                                             : static_cast<int>(effective(state));
  lowest_level_written.store(lowest, std::memory_order_relaxed);
}

Handler make_handler(std::function<void(const LogRecord&)> call) {
  return {kNoHandler,
          std::make_shared<const std::function<void(const LogRecord&)>>(std::move(call))};
}

std::uint64_t add(State& state, Handler handler) {
  auto handlers = std::make_shared<Handlers>(*state.handlers);
  handler.number = state.last_number + 1;
  handlers->push_back(std::move(handler));
  state.handlers = std::move(handlers);
  settle(state);
  return ++state.last_number;
}

// Returns those that there were before, which are the caller's to destroy, without the lock.
[[nodiscard]] std::shared_ptr<const Handlers> remove(State& state, std::uint64_t number) {
  auto handlers = std::make_shared<Handlers>(*state.handlers);
  std::erase_if(*handlers, [=](const Handler& one) { return one.number == number; });
  auto before = std::exchange(state.handlers, std::move(handlers));
  settle(state);
  return before;
}

// In one piece, unless the system takes less; gives up where nothing can be written.
void write_line(const LogRecord& record) {
  const std::string line = record.text() + '\n';
  std::string_view rest = line;
  const int kept_errno = errno;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd entry{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      ::poll(&entry, 1, -1);
    } else if (errno != EINTR) {
      break;
    }
  }
  errno = kept_errno;
}

void write_to_standard_error(State& state) {
  if (state.standard_error == kNoHandler)
    state.standard_error = add(state, make_handler(write_line));
}

// As Python: the level, also one that was never set, and whether to write to standard error.
std::string pack_settings() {
  const LockedProcess self;
  const State& state = state_of(self);
  return std::to_string(static_cast<int>(state.level)) +
         (state.standard_error == kNoHandler ? "" : " stderr");
}

void unpack_settings(std::string_view packed) {
  const LockedProcess self;
  State& state = state_of(self);
  state.level = static_cast<LogLevel>(std::stoi(std::string(packed)));
  if (packed.ends_with("stderr")) write_to_standard_error(state);
  settle(state);
}

[[maybe_unused]] const bool kGoesToChildren = [] {
  register_inheritance({.name = "logging", .pack = pack_settings, .unpack = unpack_settings});
  return true;
}();

}  // namespace

void write_log(LogLevel level, std::string_view message) noexcept {
  try {
    std::string process_name;
    std::shared_ptr<const Handlers> handlers;
    {
      const LockedProcess self;
      process_name = self->name;
      handlers = state_of(self).handlers;
    }
    const LogRecord record{level, process_name, message};
    for (const Handler& handler : *handlers) {
      try {
        (*handler.call)(record);
      } catch (...) {
        report_uncaught_exception();
      }
    }
  } catch (...) {
    report_uncaught_exception();
  }
}

}  // namespace internal

using internal::LockedProcess;

std::string to_string(LogLevel level) {
  constexpr std::array<std::pair<LogLevel, const char*>, 8> kNames = {{
      {LogLevel::kNotSet, "NOTSET"},
      {LogLevel::kSubDebug, "SUBDEBUG"},
      {LogLevel::kDebug, "DEBUG"},
      {LogLevel::kInfo, "INFO"},
      {LogLevel::kSubWarning, "SUBWARNING"},
      {LogLevel::kWarning, "WARNING"},
      {LogLevel::kError, "ERROR"},
      {LogLevel::kCritical, "CRITICAL"},
  }};
  for (const auto& [named, name] : kNames) {
    if (named == level) return name;
  }
  return "Level " + std::to_string(static_cast<int>(level));
}

std::string LogRecord::text() const {
  std::string text = "[" + to_string(level) + '/';
  text.append(process_name).append("] ").append(message);
  return text;
}

void Logger::set_level(LogLevel level) const {
  const LockedProcess self;
  internal::State& state = internal::state_of(self);
  state.level = level;
  internal::settle(state);
}

LogLevel Logger::level() const {
  const LockedProcess self;
  return internal::state_of(self).level;
}

LogLevel Logger::get_effective_level() const {
  const LockedProcess self;
  return internal::effective(internal::state_of(self));
}

std::uint64_t Logger::add_handler(std::function<void(const LogRecord&)> handler) const {
  if (!handler) throw ValueError("add_handler needs a handler that can be called");
  internal::Handler added = internal::make_handler(std::move(handler));
  const LockedProcess self;
  return internal::add(internal::state_of(self), std::move(added));
}

bool Logger::remove_handler(std::uint64_t number) const {
  std::shared_ptr<const internal::Handlers> before;
  std::size_t left = 0;
  {
    const LockedProcess self;
    before = internal::remove(internal::state_of(self), number);
    left = internal::state_of(self).handlers->size();
  }
  return left < before->size();
}

Logger get_logger() noexcept { return {}; }

Logger log_to_stderr(std::optional<LogLevel> level) {
  const LockedProcess self;
  internal::State& state = internal::state_of(self);
  internal::write_to_standard_error(state);
  if (level) state.level = *level;
  internal::settle(state);
  return {};
}

void stop_log_to_stderr() {
  std::shared_ptr<const internal::Handlers> before;
  const LockedProcess self;
  internal::State& state = internal::state_of(self);
  before = internal::remove(state, std::exchange(state.standard_error, internal::kNoHandler));
}

}  // namespace mp
