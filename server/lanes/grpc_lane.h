#pragma once

#include <grpcpp/server.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/lanes/credentials.h"
#include "server/lanes/grpc_call.h"
#include "server/lanes/health.h"
#include "server/lanes/unary_call.h"

namespace mp::server {

struct GrpcLaneOptions {
  std::string host = "127.0.0.1";
  int port = 50051;   // 0: any that is free
  std::string token;  // demanded of every call but health's; empty: none
  TlsFiles tls;
  unsigned threads = 0;  // 0: one for each processor
};

// The lane that speaks gRPC: every method of every service of mp.v1 as a unary call, session
// streams, server reflection and health.
//
// One asynchronous generic service, without generated code; a completion queue for each thread,
// whose calls that thread alone serves. Thread-safe.
class GrpcLane final : public CallHost {
 public:
  GrpcLane(UnaryTarget target, GrpcLaneOptions options);
  ~GrpcLane() override;

  // Takes the port. Fails with a sentence that names the address or the file.
  absl::Status listen();
  void serve();
  // "127.0.0.1:50051", with the port that was chosen.
  const std::string& address() const { return address_; }
  int port() const { return port_; }

  // Health says NOT_SERVING.
  void announce_shutdown() { health_.stop_serving(); }
  // Takes no more calls, ends streams once what is queued on them has left, waits for the calls
  // under way, and cuts off what is left after `patience`.
  void stop(Duration patience);

 private:
  std::shared_ptr<CallHandler> accept(const std::shared_ptr<GrpcCall>& call) override;
  void on_call_end(GrpcCall& call) override;

  void arm(grpc::ServerCompletionQueue& queue);
  std::shared_ptr<CallHandler> handler_of(const std::shared_ptr<GrpcCall>& call);
  void end_streams();
  std::shared_ptr<CallHandler> keep_stream(const GrpcCall& call,
                                           std::shared_ptr<CallHandler> handler);
  static void run(grpc::ServerCompletionQueue& queue);

  const UnaryTarget target_;
  const GrpcLaneOptions options_;
  const AccessToken token_;
  std::string address_;
  int port_ = 0;

  Health health_;
  grpc::AsyncGenericService service_;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable no_calls_;
  // Guarded by mutex_:
  std::size_t calls_ = 0;  // that exist: under way, or waiting for a client
  bool shutting_down_ = false;
  std::unordered_map<const GrpcCall*, std::shared_ptr<CallHandler>> streams_;
};

}  // namespace mp::server
