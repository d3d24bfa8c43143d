#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>

#include "client_lib/manager/stream_connection.h"
#include "client_lib/manager/stream_lane.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

// The in-process lane: gRPC in the client's process.

namespace mp::internal {
namespace {

std::string read_file(const std::string& path, const char* what) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  std::string contents((std::istreambuf_iterator<char>(file)), {});
  if (file && !contents.empty()) return contents;
  throw ValueError(std::string("connect: cannot read ") + what + " " + path + ": " +
                   (errno != 0 ? std::strerror(errno) : "it is empty"));
}

std::shared_ptr<grpc::ChannelCredentials> credentials(const TlsOptions& tls) {
  if (!tls.on()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = read_file(tls.ca, "the certificate authority");
  options.pem_cert_chain = read_file(tls.certificate, "the certificate");
  options.pem_private_key = read_file(tls.key, "the private key");
  return grpc::SslCredentials(options);
}

grpc::ChannelArguments arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // ours are exactly-once, and its would buffer
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  return arguments;
}

std::string framed(std::string_view frame) {
  const auto length = static_cast<std::uint32_t>(frame.size());
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  return bytes.append(frame);
}

// Keeps a session alive: sends a sign of life four times in its time to live, on a stream and a
// thread of its own.
class Heartbeat {
 public:
  explicit Heartbeat(grpc::GenericStub& stub) : stub_(stub) {}
  ~Heartbeat() { stop(); }

  void keep(const Welcomed& welcomed) {
    const std::lock_guard lock(mutex_);
    if (session_ == welcomed.session) return;
    session_ = welcomed.session;
    hello_ = framed(welcomed.hello);
    period_ = welcomed.time_to_live / 4;
    if (!thread_.joinable()) start();
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    stopping_ = false;
    session_ = 0;
  }

 private:
  // Signals are for the threads of the program.
  void start() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void run() {
    std::unique_lock lock(mutex_);
    std::unique_ptr<StreamConnection> stream;
    std::uint64_t joined = 0;
    while (!stopping_) {
      if (stream == nullptr || joined != session_) {
        joined = session_;
        const std::string hello = hello_;
        lock.unlock();
        stream = std::make_unique<StreamConnection>(stub_);
        if (!beat(*stream, hello)) stream = nullptr;
        lock.lock();
      } else {
        lock.unlock();
        if (!beat(*stream, framed({}))) stream = nullptr;
        lock.lock();
      }
      changed_.wait_for(lock, period_, [this] { return stopping_; });
    }
    lock.unlock();
    stream = nullptr;
    lock.lock();
  }

  // False: the stream is over.
  static bool beat(StreamConnection& stream, const std::string& bytes) {
    std::size_t sent = 0;
    if (stream.send_some(bytes.data(), bytes.size(), sent) == LaneConnection::Result::kClosed)
      return false;
    char block[4096];
    std::size_t received = 0;
    for (;;) {
      switch (stream.receive(block, sizeof block, Clock::now(), received)) {
        case LaneConnection::Result::kDone:
          break;
        case LaneConnection::Result::kClosed:
          return false;
        default:
          return true;
      }
    }
  }

  grpc::GenericStub& stub_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::uint64_t session_ = 0;
  std::string hello_;
  std::chrono::nanoseconds period_{};
  bool stopping_ = false;

  std::thread thread_;
};

class StreamEndpoint final : public Endpoint {
 public:
  StreamEndpoint(const std::string& address, const TlsOptions& tls)
      : stub_(grpc::CreateCustomChannel(address, credentials(tls), arguments())) {
    title = "manager " + address;
  }

  std::shared_ptr<LaneConnection> connect(std::string&) override {
    return std::make_shared<StreamConnection>(stub_);
  }
  void on_joined(const Welcomed& welcomed) override { heartbeat_.keep(welcomed); }
  void on_left() override { heartbeat_.stop(); }
  bool works_after_fork() const override { return false; }

 private:
  grpc::GenericStub stub_;
  Heartbeat heartbeat_{stub_};
};

[[maybe_unused]] const bool kRegistered = [] {
  register_stream_lane(
      [](const std::string& address, const TlsOptions& tls) -> std::shared_ptr<Endpoint> {
        return std::make_shared<StreamEndpoint>(address, tls);
      });
  return true;
}();

}  // namespace
}  // namespace mp::internal
