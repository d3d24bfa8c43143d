#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "client_lib/local/connection/transport.h"
#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/os/socket_io.h"

// A message that is too large for a packet goes by a stream of its own, whose receiving end is sent
// in a packet:
//
//   sender ──packet: size, descriptors, end of the stream──▶ receiver
//   sender ════════════════════ bytes ═════════════════════▶ receiver
//
// So the bytes of several senders never mix, the message has one receiver, and when either of them
// dies the other's stream ends, and the connection is as good as before.

namespace mp::internal {

// A new stream. Children of this process close it: its ends are nobody else's.
struct PrivateStream {
  // Errors: ConnectionError.
  PrivateStream();

  std::shared_ptr<Descriptor> writing;
  std::shared_ptr<Descriptor> reading;
};

// A message that has begun to come.
class LargeMessage {
 public:
  LargeMessage(Descriptor stream, std::size_t size, std::vector<Descriptor> descriptors);

  // Errors: ConnectionError if it ends early.
  Received receive(IncomingMessage& message, Deadline deadline);

 private:
  friend class UnfinishedMessages;

  // A forked child has no part in it: its stream is closed there.
  bool is_of_this_process() const;

  const std::shared_ptr<Descriptor> stream_;
  Filling filling_;
  std::vector<Descriptor> descriptors_;
  const std::uint64_t generation_;
  std::unique_ptr<LargeMessage> next_;
};

// Messages that were not whole when a time limit ended: the next to receive goes on with them.
//
// Thread-safety: any thread. After fork: empty in the child. No lock is needed, so none can be lost
// in a fork.
class UnfinishedMessages {
 public:
  UnfinishedMessages() = default;
  ~UnfinishedMessages();
  UnfinishedMessages(const UnfinishedMessages&) = delete;
  UnfinishedMessages& operator=(const UnfinishedMessages&) = delete;

  void put(std::unique_ptr<LargeMessage> message);
  // Null if there is none.
  std::unique_ptr<LargeMessage> take();

  // The stream of one of them, or `otherwise`. Where several threads receive at once it may be that
  // of one that was taken a moment ago.
  int fd_or(int otherwise) const;

 private:
  void note(const LargeMessage* first);

  std::atomic<LargeMessage*> first_ = nullptr;
  std::atomic<std::uint64_t> noted_ = 0;  // the stream of `first_` and its generation; 0 for none
};

}  // namespace mp::internal
