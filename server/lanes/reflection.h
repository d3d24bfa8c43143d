#pragma once

#include <memory>

#include "server/lanes/grpc_call.h"

namespace mp::server {

// gRPC's server reflection from the program's own descriptors: a stream of questions and answers,
// in turn. It serves v1 and v1alpha alike, whose messages differ in their names only.
//
// The stock plugin would resolve our services but not list them, since no generated code registers
// them.
class Reflection final : public CallHandler {
 public:
  using CallHandler::CallHandler;

  void start() override { call().read(); }
  void on_read(const grpc::ByteBuffer* message) override;
  void on_written() override { call().read(); }
  void on_shutdown() override { call().cancel(); }
};

}  // namespace mp::server
