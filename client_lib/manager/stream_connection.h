#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "client_lib/manager/lane.h"

namespace mp::internal {

// A stream of frames to a manager, mp.v1.Sessions/Stream, on a completion queue of its own: whoever
// waits for an answer polls it, so that there is no thread to hand over to.
class StreamConnection final : public LaneConnection {
 public:
  explicit StreamConnection(grpc::GenericStub& stub);
  // Ends the stream once what was sent has left, or after a second.
  ~StreamConnection() override;

  Result send_some(const char* data, std::size_t size, std::size_t& sent) override;
  Result receive(char* data, std::size_t size, const Deadline& deadline,
                 std::size_t& received) override;
  Result wait_either(const Deadline& deadline) override;
  void shut() override;

  // Why the stream is over; empty while it is not.
  std::string failure() override;

 private:
  enum class Event : std::uintptr_t { kStarted = 1, kRead, kWritten, kFinished };
  using Lock = std::unique_lock<std::mutex>;

  // The memory of the last large message, which gRPC gives back when it has left, for the next one:
  // to get as much from the system again takes longer than to fill it.
  struct Spare {
    std::mutex mutex;
    std::string bytes;
  };

  // Handles one event of the queue. False: none came before the deadline.
  bool poll(Lock& lock, const Deadline& deadline);
  void handle(Event event, bool ok);
  void take(const grpc::ByteBuffer& message);
  void write_some();
  grpc::Slice take_out(std::size_t end, std::size_t size);
  grpc::Slice leave_whole();
  // NOLINTNEXTLINE(performance-no-int-to-ptr): gRPC gives a tag back and does nothing else with it.
  static void* tag(Event event) { return reinterpret_cast<void*>(event); }

  std::mutex mutex_;
  const std::shared_ptr<Spare> spare_ = std::make_shared<Spare>();
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer message_;
  grpc::Status status_;
  std::string in_;  // received frames with their lengths
  std::size_t in_taken_ = 0;
  std::string out_;         // frames with their lengths, the last one perhaps in part
  bool writing_ = true;     // starting counts
  bool receiving_ = false;  // a thread polls, and must not miss what others find in the queue
  bool finishing_ = false;
  bool over_ = false;
};

}  // namespace mp::internal
