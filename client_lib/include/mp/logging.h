#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

// What processes say of themselves: lines such as `[INFO/Process-1] process exiting with exitcode
// 0`, by the library and by whoever else wants to.
//
// Python: multiprocessing.get_logger(), log_to_stderr().
//
//   auto logger = mp::log_to_stderr(mp::LogLevel::kInfo);
//   logger.warning("doomed");                              // [WARNING/MainProcess] doomed

namespace mp {

// Numbers as in Python's logging, so that there is room between them: any int may be cast to one.
enum class LogLevel : int {
  kNotSet = 0,
  kSubDebug = 5,
  kDebug = 10,
  kInfo = 20,
  kSubWarning = 25,
  kWarning = 30,
  kError = 40,
  kCritical = 50,
};

// `INFO`; `Level 32` for one without a name.
std::string to_string(LogLevel level);

// One message, for the time of the call that hands it over.
struct LogRecord {
  LogLevel level;
  std::string_view process_name;
  std::string_view message;

  // `[INFO/Process-1] message`, without the end of a line.
  std::string text() const;
};

namespace internal {

// From which level on there is somebody to write to.
extern constinit std::atomic<int> lowest_level_written;

// Calls the handlers.
void write_log(LogLevel level, std::string_view message) noexcept;

template <class T>
concept LogText = std::convertible_to<const T&, std::string_view>;
template <class T>
concept LazyLogText = std::invocable<T&> && LogText<std::invoke_result_t<T&>>;

}  // namespace internal

// The logger of this process: all of these objects are the same one. Nothing is written before it
// has a handler, log_to_stderr() or one of the program's own.
//
// A message is text, or a callable that gives text and is called only if somebody gets it:
//
//   logger.debug([&] { return "found " + std::to_string(items.size()); });
//
// Levels and handlers go to forked children as they are. Other children get the level, and write to
// standard error if their parent does.
//
// Cost: where nothing is written, one relaxed atomic load. Errors: none; what a handler throws is
// reported on standard error, and the other handlers run.
// Thread-safety: all methods, from any thread. After fork: as before.
class Logger {
 public:
  // What is below is not written. kNotSet: below kWarning.
  void set_level(LogLevel level) const;
  LogLevel level() const;
  LogLevel get_effective_level() const;

  // Whether a message of this level goes anywhere.
  static bool is_enabled_for(LogLevel level) noexcept {
    return static_cast<int>(level) >=
           internal::lowest_level_written.load(std::memory_order_relaxed);
  }

  template <internal::LogText Text>
  void log(LogLevel level, const Text& message) const noexcept {
    if (is_enabled_for(level)) internal::write_log(level, message);
  }
  // Errors: what the callable throws.
  template <internal::LazyLogText Callable>
  void log(LogLevel level, Callable&& callable) const {
    if (is_enabled_for(level)) internal::write_log(level, callable());
  }

  template <class Message>
  void sub_debug(Message&& message) const {
    log(LogLevel::kSubDebug, message);
  }
  template <class Message>
  void debug(Message&& message) const {
    log(LogLevel::kDebug, message);
  }
  template <class Message>
  void info(Message&& message) const {
    log(LogLevel::kInfo, message);
  }
  template <class Message>
  void sub_warning(Message&& message) const {
    log(LogLevel::kSubWarning, message);
  }
  template <class Message>
  void warning(Message&& message) const {
    log(LogLevel::kWarning, message);
  }
  template <class Message>
  void error(Message&& message) const {
    log(LogLevel::kError, message);
  }
  template <class Message>
  void critical(Message&& message) const {
    log(LogLevel::kCritical, message);
  }

  // Calls `handler` with every message, on the thread that logs it, also at once with other
  // threads; in the order in which handlers were added. What it holds must be safe to use in a
  // forked child, whatever other threads were doing. Returns its number.
  //
  // Errors: ValueError if it is empty.
  std::uint64_t add_handler(std::function<void(const LogRecord&)> handler) const;
  // Calls that are under way go on. Returns whether there was such a handler.
  bool remove_handler(std::uint64_t number) const;
};

// Python: multiprocessing.get_logger().
Logger get_logger() noexcept;

// Writes messages to standard error from now on, and sets the level if one is given.
//
// Each is one line and one write(2) to descriptor 2: lines of several processes stay whole in files
// opened to append, on terminals, and in pipes up to PIPE_BUF (4096) bytes; a longer one may be cut
// by others there. A second call adds nothing (Python: every line comes twice then).
//
// Python: multiprocessing.log_to_stderr().
Logger log_to_stderr(std::optional<LogLevel> level = {});

// To no longer do so.
void stop_log_to_stderr();

}  // namespace mp
