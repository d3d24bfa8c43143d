#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "server/engine/administration.h"
#include "server/engine/dispatcher.h"
#include "server/lanes/call_origin.h"
#include "server/lanes/grpc_call.h"

namespace mp::server {

// What unary calls are handed to.
struct UnaryTarget {
  Engine& engine;
  Dispatcher& dispatcher;
  Administration& administration;
};

// One unary call of any operation: makes a Command of its request, gives that to the dispatcher,
// and is the port through which the outcome leaves. While it waits it holds no thread: who
// completes it finishes it.
//
// A call that ends early gives up its waiter, and what was granted to it meanwhile goes back.
// Delivered means here that the status was handed to the transport: a client that dies with the
// reply on its way has had it.
class UnaryCall final : public OneRequestHandler, public Port {
 public:
  UnaryCall(std::shared_ptr<GrpcCall> call, const UnaryTarget& target);

  void start() override;
  void on_done(bool delivered) override;

  void append(const v1::Outcome& outcome) override;
  void append_bytes(std::string_view outcome) override;
  void flush() override;
  void parked(std::uint32_t shard, Ticket ticket) override;
  void gave(const Gift& gift, const v1::Outcome& outcome) override;

 private:
  // What is known of the command once it is under way.
  struct State {
    std::optional<std::pair<std::uint32_t, Ticket>> waiting;
    bool answered = false;
    grpc::Status status;  // if OK:
    grpc::ByteBuffer reply;
    std::vector<Gift> gifts;  // that must come back unless they are delivered
    v1::Outcome given;        // and the outcome that gave them
    bool finishing = false;
  };

  void on_request(const grpc::ByteBuffer& request) override;
  absl::Status run_command(const grpc::ByteBuffer& request, CallOrigin origin);
  absl::Status run_administration(const grpc::ByteBuffer& request, const CallOrigin& origin);
  absl::Status require_size(const grpc::ByteBuffer& request) const;
  bool answered();
  void give_up();
  void take_back();

  const UnaryTarget target_;
  const Catalog::Entry* const operation_;  // null: administration, or unknown
  std::shared_ptr<Session>
      waiting_session_;  // kept alive by this call; of its queue's thread alone

  Mutex mutex_;
  State state_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
