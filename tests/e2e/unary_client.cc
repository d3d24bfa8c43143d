#include "tests/e2e/unary_client.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <gtest/gtest.h>

#include <utility>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/unknown_field_set.h"

namespace mp::e2e {
namespace {

std::shared_ptr<grpc::Channel> channel_to(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

}  // namespace

v1::Error Answer::error() const {
  constexpr int kDetails = 3;  // in google.rpc.Status
  google::protobuf::UnknownFieldSet fields;
  fields.ParseFromString(status.error_details());
  v1::Error error;
  for (int i = 0; i < fields.field_count(); ++i) {
    google::protobuf::Any any;
    if (fields.field(i).number() != kDetails ||
        !any.ParseFromString(fields.field(i).length_delimited()))
      continue;
    any.UnpackTo(&error);
  }
  return error;
}

void Answer::read(google::protobuf::Message& message) const {
  EXPECT_TRUE(ok()) << status.error_code() << ": " << status.error_message();
  grpc::ByteBuffer copy(bytes);
  if (ok()) {
    grpc::ProtoBufferReader reader(&copy);
    EXPECT_TRUE(message.ParseFromZeroCopyStream(&reader));
  }
}

UnaryClient::UnaryClient(const std::string& address,
                         const std::shared_ptr<grpc::ChannelCredentials>& credentials)
    : channel_(channel_to(address, credentials)), stub_(channel_), thread_([this] { run(); }) {}

UnaryClient::~UnaryClient() {
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& call : calls_) call->cancel();
  }
  queue_.Shutdown();
  thread_.join();
}

void UnaryClient::run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    auto* call = static_cast<PendingCall*>(tag);
    call->promise_.set_value(std::move(call->result_));
    const std::scoped_lock lock(mutex_);
    calls_.erase(call->shared_from_this());
  }
}

std::shared_ptr<PendingCall> UnaryClient::start(const std::string& method,
                                                const google::protobuf::Message& request,
                                                const Metadata& metadata,
                                                std::chrono::milliseconds deadline) {
  grpc::Slice slice(request.SerializeAsString());
  return start_bytes(method, grpc::ByteBuffer(&slice, 1), metadata, deadline);
}

std::shared_ptr<PendingCall> UnaryClient::start_bytes(const std::string& method,
                                                      const grpc::ByteBuffer& request,
                                                      const Metadata& metadata,
                                                      std::chrono::milliseconds deadline) {
  auto call = std::make_shared<PendingCall>();
  for (const auto& [key, value] : metadata) call->context_.AddMetadata(key, value);
  call->context_.set_deadline(std::chrono::system_clock::now() + deadline);
  const bool full = method.find('.') != std::string::npos;
  call->reader_ =
      stub_.PrepareUnaryCall(&call->context_, (full ? "/" : "/mp.v1.") + method, request, &queue_);
  {
    const std::scoped_lock lock(mutex_);
    calls_.insert(call);
  }
  call->reader_->StartCall();
  call->reader_->Finish(&call->result_.bytes, &call->result_.status, call.get());
  return call;
}

Metadata UnaryClient::open_session() {
  const auto reply = call("Sessions/Open", v1::SessionOpenRequest()).reply<v1::SessionOpenReply>();
  return {{"mp-session", std::to_string(reply.session())}, {"mp-secret", reply.secret()}};
}

}  // namespace mp::e2e
