#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "server/lanes/grpc_call.h"

namespace mp::server {

// gRPC's health service, v1: Check and Watch, for the manager as a whole ("") and for each of its
// services. It is served by the lane's own threads, so that its answer tells whether they run.
// Thread-safe.
class Health {
 public:
  // From now on NOT_SERVING. Watchers are told by their on_shutdown().
  void stop_serving() { serving_.store(false, std::memory_order_release); }
  bool serving() const { return serving_.load(std::memory_order_acquire); }

  std::shared_ptr<CallHandler> check(std::shared_ptr<GrpcCall> call) const;
  std::shared_ptr<CallHandler> watch(std::shared_ptr<GrpcCall> call) const;

 private:
  std::atomic<bool> serving_{true};
};

}  // namespace mp::server
