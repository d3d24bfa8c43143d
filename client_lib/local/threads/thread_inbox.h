#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "client_lib/local/threads/watched.h"
#include "mp/internal/thread_message.h"
#include "mp/internal/timeout.h"

namespace mp::internal {

// What is on its way to one end of a threads::Pipe.
class ThreadInbox final : public Watched {
 public:
  // Errors: ConnectionError if nobody is left to receive.
  void put(std::unique_ptr<ThreadMessage> message);

  // nullptr if there was none for so long. Errors: EOFError if there is none and never will be;
  // ConnectionError if this end is closed meanwhile.
  std::unique_ptr<ThreadMessage> get(Timeout timeout);
  // Whether get() would have something to say before the time is over.
  bool poll(Timeout timeout);
  bool is_ready() const override;

  void close_for_sending();
  void close_for_receiving();

 private:
  bool has_news() const { return !messages_.empty() || !has_sender_ || !has_receiver_; }

  // Guarded by mutex_.
  std::deque<std::unique_ptr<ThreadMessage>> messages_;
  bool has_sender_ = true;
  bool has_receiver_ = true;
};

}  // namespace mp::internal
