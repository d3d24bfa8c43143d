#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mp/internal/queue_core.h"
#include "mp/internal/timeout.h"

// What a pool and its workers write into the queues between them.

namespace mp::internal {

enum class Command : std::uint32_t {
  kRun,
  kStop,
  kSkip,  // this task was taken back: what has come of it by the wire is dropped
};

// To a worker. What is not by wire stands behind it: the code of the function, and the body.
struct TaskHeader {
  Command command = Command::kRun;
  std::uint32_t items = 0;
  std::uint64_t task = 0;
  std::uint32_t code_size = 0;
  std::uint32_t by_wire = 0;  // the body comes by the wire: it is large, or descriptors go along
  std::uint64_t replies_are_read = 0;  // all that the worker has sent by wire until now
};

enum class Event : std::uint32_t {
  kStarted,     // value: the process id
  kNotStarted,  // value: the errno
  kReady,       // its initializer has returned
  kUnfit,       // its initializer has thrown; the exception follows
  kReply,       // to a task; value: how many nanoseconds it took; the body follows, if not by wire
  kSkipped,     // as it was told to: the wire is empty
  kEnded,       // value: its exit code
  kNudge,       // from the pool to itself
};

// From a worker, or the zygote about one.
struct EventHeader {
  Event event = Event::kNudge;
  std::uint32_t worker = 0;
  std::uint64_t task = 0;
  std::int64_t value = 0;
  std::uint64_t by_wire = 0;
};

template <class Header>
std::string_view bytes_of_header(const Header& header) {
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

// The header, which is taken from the frame. Errors: ValueError if there is none.
template <class Header>
Header take_header(std::string_view& frame);

extern template TaskHeader take_header<TaskHeader>(std::string_view& frame);
extern template EventHeader take_header<EventHeader>(std::string_view& frame);

// Frames that were taken from a queue, in memory that is used again.
class Frames {
 public:
  // At least one and at most so many; none if there was none in time.
  void take(const QueueCore& queue, std::size_t most, Timeout timeout);

  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::string_view operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace mp::internal
