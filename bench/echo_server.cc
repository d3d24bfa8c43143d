// echo_server: answers the exchanges of any gRPC stream on a free port of 127.0.0.1, on one
// completion queue and one thread.

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <vector>

#include "bench/ping_pong.h"

namespace {

// One stream. It has one event under way at a time:
//
//   asked for ──arrived──► reading ◄──read, written──► writing
//                             └──end of the client──► finishing ──► deleted
class Stream {
 public:
  Stream(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue)
      : service_(service), queue_(queue), stream_(&context_) {
    service.RequestCall(&context_, &stream_, &queue, &queue, this);
  }

  void proceed(bool ok) {
    switch (state_) {
      case State::kAskedFor:
        if (!ok) return delete this;  // the server ends
        new Stream(service_, queue_);
        return read();
      case State::kReading:
        return ok ? reply() : finish();
      case State::kWriting:
        return ok ? read() : finish();
      case State::kFinishing:
        return delete this;
    }
  }

 private:
  enum class State { kAskedFor, kReading, kWriting, kFinishing };

  void read() {
    state_ = State::kReading;
    stream_.Read(&incoming_, this);
  }

  void reply() {
    grpc::Slice request;
    mp::bench::PingHeader header;
    if (!incoming_.DumpToSingleSlice(&request).ok() || request.size() < sizeof header)
      return finish();
    std::memcpy(&header, request.begin(), sizeof header);
    const grpc::Slice reply(bytes_.data(),
                            std::min<std::size_t>(header.reply_bytes, bytes_.size()));
    state_ = State::kWriting;
    stream_.Write(grpc::ByteBuffer(&reply, 1), this);
  }

  void finish() {
    state_ = State::kFinishing;
    stream_.Finish(grpc::Status::OK, this);
  }

  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  grpc::ByteBuffer incoming_;
  std::vector<char> bytes_ = std::vector<char>(mp::bench::kMostPing);
  State state_ = State::kAskedFor;
};

}  // namespace

int main() {
  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterAsyncGenericService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  new Stream(service, *queue);
  std::cout << "listen 127.0.0.1:" << port << std::endl;

  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Stream*>(tag)->proceed(ok);
  return 0;
}
