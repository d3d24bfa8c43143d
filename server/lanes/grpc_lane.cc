#include "server/lanes/grpc_lane.h"

#include <grpcpp/server_builder.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "mp/current_process.h"
#include "server/lanes/grpc_message.h"
#include "server/lanes/reflection.h"
#include "server/lanes/session_stream.h"
#include "server/lanes/trunk_stream.h"

namespace mp::server {
namespace {

// Calls that wait for a client, for each queue: what arrives beyond them waits for its turn to be
// accepted.
constexpr int kArmedCalls = 128;

// A call that is refused before its request is looked at.
class Refused final : public CallHandler {
 public:
  Refused(std::shared_ptr<GrpcCall> call, grpc::Status status)
      : CallHandler(std::move(call)), status_(std::move(status)) {}
  void start() override { call().finish(status_); }
  void on_read(const grpc::ByteBuffer*) override {}

 private:
  const grpc::Status status_;
};

// Found out by trying: gRPC does not tell why it could not listen.
std::string why_not_bound(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
      code != 0) {
    return gai_strerror(code);
  }
  std::string why;
  for (const addrinfo* at = found; at != nullptr && why.empty(); at = at->ai_next) {
    const int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd >= 0 && (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, 1) != 0))
      why = std::generic_category().message(errno);
    if (fd >= 0) close(fd);
  }
  freeaddrinfo(found);
  return why;
}

absl::Status not_listening(const GrpcLaneOptions& options, const std::string& address) {
  const std::string why = why_not_bound(options.host, options.port);
  if (!why.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", address, ": ", why,
                     "; choose another address with --listen HOST:PORT"));
  }
  if (!options.tls.certificate.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot serve TLS with the certificate ", options.tls.certificate, " and the key ",
        options.tls.key, ": they are not PEM, or do not belong together"));
  }
  return absl::FailedPreconditionError(absl::StrCat("cannot listen on ", address));
}

// Liveness, so that a client that hangs or is cut off does not keep what it waits for; and clients
// may ask as often as once a second without being taken for a nuisance.
void set_keepalive(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
}

// More than twice of what we accept, so that it is mostly we who refuse, with a code and a
// sentence.
int receive_limit(std::uint64_t max_message_bytes) {
  constexpr std::uint64_t kMost = std::numeric_limits<int>::max();
  constexpr std::uint64_t kSlack = 128U << 10U;
  return static_cast<int>(std::min(kMost, 2 * std::min(kMost, max_message_bytes) + kSlack));
}

}  // namespace

GrpcLane::GrpcLane(UnaryTarget target, GrpcLaneOptions options)
    : target_(target), options_(std::move(options)), token_(options_.token) {}

GrpcLane::~GrpcLane() { stop(Duration::zero()); }

absl::Status GrpcLane::listen() {
  const bool v6 = options_.host.find(':') != std::string::npos;
  const std::string host = v6 ? absl::StrCat("[", options_.host, "]") : options_.host;
  const std::string wanted = absl::StrCat(host, ":", options_.port);
  auto credentials = server_credentials(options_.tls);
  if (!credentials.ok()) return credentials.status();

  grpc::ServerBuilder builder;
  builder.AddListeningPort(wanted, *credentials, &port_);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(receive_limit(target_.engine.limits().max_message_bytes));
  builder.SetMaxSendMessageSize(-1);
  set_keepalive(builder);
  builder.RegisterAsyncGenericService(&service_);
  const unsigned threads =
      options_.threads != 0 ? options_.threads : static_cast<unsigned>(mp::cpu_count());
  for (unsigned i = 0; i < threads; ++i) queues_.push_back(builder.AddCompletionQueue());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port_ == 0) return not_listening(options_, wanted);

  address_ = absl::StrCat(host, ":", port_);
  return absl::OkStatus();
}

void GrpcLane::serve() {
  for (const auto& queue : queues_) {
    for (int i = 0; i < kArmedCalls; ++i) arm(*queue);
    threads_.emplace_back([&queue = *queue] { run(queue); });
  }
}

void GrpcLane::run(grpc::ServerCompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<GrpcCall::Tag*>(tag)->complete(ok);
}

void GrpcLane::arm(grpc::ServerCompletionQueue& queue) {
  {
    const std::scoped_lock lock(mutex_);
    ++calls_;
  }
  std::make_shared<GrpcCall>(*this, service_, queue)->arm();
}

std::shared_ptr<CallHandler> GrpcLane::accept(const std::shared_ptr<GrpcCall>& call) {
  arm(call->queue());
  return handler_of(call);
}

std::shared_ptr<CallHandler> GrpcLane::handler_of(const std::shared_ptr<GrpcCall>& call) {
  const std::string_view method = call->method();
  if (method == "grpc.health.v1.Health/Check") return health_.check(call);
  if (method == "grpc.health.v1.Health/Watch") return keep_stream(*call, health_.watch(call));
  const absl::Status status = token_.check(*call);
  if (method == "mp.v1.Sessions/Stream") {
    return keep_stream(*call, std::make_shared<SessionStream>(call, target_, token_, status.ok()));
  }
  if (method == "mp.v1.Relays/Trunk") {
    return keep_stream(*call, std::make_shared<TrunkStream>(call, target_, token_, status.ok()));
  }
  if (!status.ok()) {
    return std::make_shared<Refused>(call, to_grpc(status));
  }
  if (method == "grpc.reflection.v1.ServerReflection/ServerReflectionInfo" ||
      method == "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo") {
    return keep_stream(*call, std::make_shared<Reflection>(call));
  }
  return std::make_shared<UnaryCall>(call, target_);
}

std::shared_ptr<CallHandler> GrpcLane::keep_stream(const GrpcCall& call,
                                                   std::shared_ptr<CallHandler> handler) {
  bool too_late = false;
  {
    const std::scoped_lock lock(mutex_);
    too_late = shutting_down_;
    streams_.emplace(&call, handler);
  }
  if (too_late) handler->on_shutdown();
  return handler;
}

void GrpcLane::on_call_end(GrpcCall& call) {
  const std::scoped_lock lock(mutex_);
  streams_.erase(&call);
  if (--calls_ == 0) no_calls_.notify_all();
}

void GrpcLane::end_streams() {
  std::vector<std::shared_ptr<CallHandler>> streams;
  {
    const std::scoped_lock lock(mutex_);
    shutting_down_ = true;
    for (const auto& [call, handler] : streams_) streams.push_back(handler);
  }
  for (const auto& handler : streams) handler->on_shutdown();
}

// The order matters: no queue may be shut down while a call could still start an operation on it,
// and each must be empty before it goes.
void GrpcLane::stop(Duration patience) {
  announce_shutdown();
  end_streams();
  if (server_) server_->Shutdown(std::chrono::system_clock::now() + patience);
  {
    std::unique_lock lock(mutex_);
    no_calls_.wait(lock, [this] { return calls_ == 0; });
  }
  for (const auto& queue : queues_) queue->Shutdown();
  for (std::thread& thread : threads_) thread.join();
  if (threads_.empty()) {
    for (const auto& queue : queues_) run(*queue);
  }
  threads_.clear();
  server_.reset();
  queues_.clear();
}

}  // namespace mp::server
