#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"

namespace mp::e2e {

// A streaming call, a step at a time. It is cancelled with this.
class StreamingCall {
 public:
  // `path` is "/grpc.health.v1.Health/Watch". Nothing has been sent when this returns but that the
  // call begins.
  StreamingCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& path);
  ~StreamingCall();
  StreamingCall(const StreamingCall&) = delete;
  StreamingCall& operator=(const StreamingCall&) = delete;

  bool write(const google::protobuf::Message& message);
  bool write_bytes(std::string_view message);
  // The next message, or false: there is none any more.
  bool read(google::protobuf::Message& message);
  grpc::Status finish();

 private:
  bool await();

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

}  // namespace mp::e2e
