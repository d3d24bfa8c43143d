#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "google/protobuf/message.h"
#include "mp/v1/error.pb.h"
#include "mp/v1/session.pb.h"

namespace mp::e2e {

using Metadata = std::map<std::string, std::string>;

// How a call ended.
struct Answer {
  grpc::Status status;
  grpc::ByteBuffer bytes;

  bool ok() const { return status.ok(); }
  // The mp.v1.Error in the details of the status; empty if there is none.
  v1::Error error() const;
  v1::Code code() const { return error().code(); }
  // The reply. Fails the test if there is none.
  template <class Reply>
  Reply reply() const {
    Reply message;
    read(message);
    return message;
  }

 private:
  void read(google::protobuf::Message& message) const;
};

// A call under way.
class PendingCall : public std::enable_shared_from_this<PendingCall> {
 public:
  Answer wait() { return answer_.get(); }
  void cancel() { context_.TryCancel(); }
  bool done_within(std::chrono::milliseconds time) {
    return answer_.wait_for(time) == std::future_status::ready;
  }

 private:
  friend class UnaryClient;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader_;
  Answer result_;
  std::promise<Answer> promise_;
  std::future<Answer> answer_ = promise_.get_future();
};

// A client of unary methods that knows no service: methods are named by their paths. Calls that are
// under way are cancelled with it.
class UnaryClient {
 public:
  explicit UnaryClient(const std::string& address,
                       const std::shared_ptr<grpc::ChannelCredentials>& credentials =
                           grpc::InsecureChannelCredentials());
  ~UnaryClient();
  UnaryClient(const UnaryClient&) = delete;
  UnaryClient& operator=(const UnaryClient&) = delete;

  // `method` is "Dict/Set" of mp.v1, or a full "grpc.health.v1.Health/Check".
  std::shared_ptr<PendingCall> start(const std::string& method,
                                     const google::protobuf::Message& request,
                                     const Metadata& metadata = {},
                                     std::chrono::milliseconds deadline = std::chrono::minutes(1));
  std::shared_ptr<PendingCall> start_bytes(const std::string& method,
                                           const grpc::ByteBuffer& request,
                                           const Metadata& metadata,
                                           std::chrono::milliseconds deadline);
  Answer call(const std::string& method, const google::protobuf::Message& request,
              const Metadata& metadata = {}) {
    return start(method, request, metadata)->wait();
  }

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // Opens a session: the metadata of calls that belong to it.
  Metadata open_session();

 private:
  void run();

  std::mutex mutex_;
  std::set<std::shared_ptr<PendingCall>> calls_;  // under way
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  std::thread thread_;
};

}  // namespace mp::e2e
