#pragma once

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "server/engine/mutex.h"
#include "server/lanes/local_connection.h"
#include "server/objects/step.h"
#include "server/relay/upstream_connection.h"

namespace mp::server {

class Relay;

// A connection of the local lane, and the one upstream that its frames go on over. The hello and
// its answer are read on the way; everything else passes unread.
class RelayedConnection final : public FrameHandler,
                                public UpstreamConnection::Receiver,
                                public std::enable_shared_from_this<RelayedConnection> {
 public:
  RelayedConnection(Relay& relay, LocalConnection& connection)
      : relay_(relay), connection_(connection.weak_from_this()) {}

  // From the client, on the lane's thread.
  bool on_frame(std::string_view frame) override;
  SessionId session() const override;
  void on_too_large() override;
  void on_drained() override;
  void on_close() override;

  // From the manager, on the thread of the trunk's queue.
  bool on_message(std::string_view frame) override;
  void on_caught_up() override;
  void on_end(const grpc::Status& status) override;

 private:
  bool greet(std::string_view bytes);
  absl::Status admit(const v1::Hello& hello) const;
  absl::Status why_unanswered(const grpc::Status& status) const;
  bool refuse(const absl::Status& why);
  void on_answer(LocalConnection& connection, std::string_view bytes);

  Relay& relay_;
  const std::weak_ptr<LocalConnection> connection_;
  // Set by the hello, before anything is sent on:
  v1::Hello hello_;
  std::shared_ptr<UpstreamConnection> upstream_;

  bool answered_ = false;  // of the queue's thread

  mutable Mutex mutex_;
  SessionId session_ MP_GUARDED_BY(mutex_) = 0;  // 0: not joined
  bool closed_ MP_GUARDED_BY(mutex_) = false;
  bool stalled_ MP_GUARDED_BY(mutex_) = false;  // upstream waits for the client to read on
};

}  // namespace mp::server
