#include "tests/e2e/streaming_call.h"

#include <grpcpp/support/proto_buffer_reader.h>

namespace mp::e2e {

StreamingCall::StreamingCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& path)
    : stub_(channel), stream_(stub_.PrepareCall(&context_, path, &queue_)) {
  stream_->StartCall(nullptr);
  await();
}

StreamingCall::~StreamingCall() {
  context_.TryCancel();
  queue_.Shutdown();
  while (await()) {
  }
}

bool StreamingCall::await() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

bool StreamingCall::write(const google::protobuf::Message& message) {
  return write_bytes(message.SerializeAsString());
}

bool StreamingCall::write_bytes(std::string_view message) {
  const grpc::Slice slice(message.data(), message.size());
  stream_->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  return await();
}

bool StreamingCall::read(google::protobuf::Message& message) {
  grpc::ByteBuffer bytes;
  stream_->Read(&bytes, nullptr);
  if (!await()) return false;
  grpc::ProtoBufferReader reader(&bytes);
  return message.ParseFromZeroCopyStream(&reader);
}

grpc::Status StreamingCall::finish() {
  grpc::Status status;
  stream_->Finish(&status, nullptr);
  await();
  return status;
}

}  // namespace mp::e2e
