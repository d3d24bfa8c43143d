#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mp/internal/travel.h"

namespace mp::internal {

// A message while it is written: its bytes, and the descriptors that are to go along.
class OutgoingMessage {
 public:
  OutgoingMessage();
  ~OutgoingMessage();
  OutgoingMessage(const OutgoingMessage&) = delete;
  OutgoingMessage& operator=(const OutgoingMessage&) = delete;

  std::string& bytes() { return bytes_; }
  std::string_view bytes() const { return bytes_; }
  std::span<const int> descriptors() const { return descriptors_.descriptors(); }

 private:
  std::string bytes_;  // lent from this thread's store
  OutgoingDescriptors descriptors_;
};

}  // namespace mp::internal
