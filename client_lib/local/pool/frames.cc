#include "client_lib/local/pool/frames.h"

#include <cstring>

#include "mp/errors.h"

namespace mp::internal {

template <class Header>
Header take_header(std::string_view& frame) {
  Header header;
  if (frame.size() < sizeof header) throw ValueError("a message of a pool was cut off");
  std::memcpy(&header, frame.data(), sizeof header);
  frame.remove_prefix(sizeof header);
  return header;
}

template TaskHeader take_header<TaskHeader>(std::string_view& frame);
template EventHeader take_header<EventHeader>(std::string_view& frame);

void Frames::take(const QueueCore& queue, std::size_t most, Timeout timeout) {
  bytes_.clear();
  ends_.clear();
  const auto read = [this](std::string_view frame) {
    bytes_ += frame;
    ends_.push_back(bytes_.size());
  };
  queue.get(most, timeout, ItemReader(read));
}

}  // namespace mp::internal
