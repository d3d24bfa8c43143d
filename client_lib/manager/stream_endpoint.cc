#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "client_lib/manager/origin.h"
#include "client_lib/manager/relay_lane.h"
#include "client_lib/manager/stream_connection.h"
#include "client_lib/manager/stream_lane.h"
#include "mp/errors.h"
#include "server/lanes/manager_channel.h"

// The in-process lane: gRPC in the client's process.

namespace mp::internal {
namespace {

std::shared_ptr<grpc::Channel> channel_to(const std::string& address, const TlsOptions& tls) {
  auto channel = server::manager_channel(
      address,
      {.on = tls.on(), .authority = tls.ca, .certificate = tls.certificate, .key = tls.key});
  if (channel.ok()) return *std::move(channel);
  throw ValueError("connect: " + std::string(channel.status().message()));
}

std::string framed(std::string_view frame) {
  const auto length = static_cast<std::uint32_t>(frame.size());
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  return bytes.append(frame);
}

// Where a connection has failed, sees to the next one for a moment. gRPC gets on with it only while
// somebody polls, and a call that is refused meanwhile does not: it would be gRPC's own thread,
// once in 5 s, that finds the manager there.
void see_to(grpc::Channel& channel) {
  constexpr std::chrono::milliseconds kMoment(100);
  const grpc_connectivity_state state = channel.GetState(/*try_to_connect=*/true);
  if (state != GRPC_CHANNEL_TRANSIENT_FAILURE) return;
  grpc::CompletionQueue queue;
  channel.NotifyOnStateChange(state, std::chrono::system_clock::now() + kMoment, &queue, nullptr);
  void* tag = nullptr;
  bool changed = false;
  queue.Next(&tag, &changed);
  queue.Shutdown();
  while (queue.Next(&tag, &changed)) {
  }
}

// Keeps a session alive: sends a sign of life four times in its time to live, on a stream and a
// thread of its own. When that stream breaks, it begins another one at once.
class Heartbeat {
 public:
  Heartbeat(grpc::Channel& channel, grpc::GenericStub& stub) : channel_(channel), stub_(stub) {}
  ~Heartbeat() { stop(); }

  void keep(const Welcomed& welcomed) {
    const std::lock_guard life(life_mutex_);
    {
      const std::lock_guard lock(mutex_);
      if (session_ == welcomed.session) return;
      session_ = welcomed.session;
      hello_ = framed(welcomed.hello);
      period_ = std::clamp<std::chrono::nanoseconds>(welcomed.time_to_live / 4, kShortestPeriod,
                                                     kLongestPeriod);
    }
    changed_.notify_all();
    if (!thread_.joinable()) start();
  }

  void stop() {
    const std::lock_guard life(life_mutex_);
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      if (stream_) stream_->shut();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    stopping_ = false;
    session_ = 0;
  }

 private:
  static constexpr std::chrono::milliseconds kShortestPeriod{50};
  // The beats are also when gRPC gets to answer the connection's own signs of life.
  static constexpr std::chrono::milliseconds kLongestPeriod{2000};
  static constexpr std::chrono::milliseconds kPause{100};  // before it tries again

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
    while (!stopping_) {
      lock.unlock();
      see_to(channel_);
      lock.lock();
      const auto stream = std::make_shared<StreamConnection>(stub_);
      stream_ = stream;
      serve(lock, *stream);
      stream_ = nullptr;
      changed_.wait_for(lock, kPause, [this] { return stopping_; });
    }
  }

  // Until the stream is over, or of no use any more. In between it does not poll: a thread that
  // waits for an answer is to hear of it by itself, not by way of this one.
  void serve(std::unique_lock<std::mutex>& lock, StreamConnection& stream) {
    const std::uint64_t session = session_;
    std::string next = hello_;
    Clock::duration patience = period_;  // for the answer to hello
    while (!stopping_ && session_ == session) {
      lock.unlock();
      const bool open = send(stream, next, Clock::now() + patience);
      lock.lock();
      if (!open) return;
      next = framed({});
      patience = {};
      changed_.wait_for(lock, period_, [&] { return stopping_ || session_ != session; });
    }
  }

  // Sends, and reads what has come, or comes until the deadline. False: the stream is over.
  static bool send(StreamConnection& stream, const std::string& bytes, const Deadline& deadline) {
    std::size_t count = 0;
    std::array<char, 4096> block{};
    auto result = stream.send_some(bytes.data(), bytes.size(), count);
    if (result != LaneConnection::Result::kClosed)
      result = stream.receive(block.data(), block.size(), deadline, count);
    while (result == LaneConnection::Result::kDone)
      result = stream.receive(block.data(), block.size(), Clock::now(), count);
    return result != LaneConnection::Result::kClosed;
  }

  grpc::Channel& channel_;
  grpc::GenericStub& stub_;
  std::mutex life_mutex_;  // one of keep() and stop() at a time
  std::thread thread_;     // guarded by life_mutex_
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::shared_ptr<StreamConnection> stream_;
  std::uint64_t session_ = 0;
  std::string hello_;
  std::chrono::nanoseconds period_{};
  bool stopping_ = false;
};

class StreamEndpoint final : public Endpoint {
 public:
  StreamEndpoint(const std::string& address, const TlsOptions& tls)
      : address_(address),
        tls_(absolute(tls)),
        channel_(channel_to(address, tls)),
        stub_(channel_) {
    title = "manager " + address;
  }

  std::shared_ptr<LaneConnection> connect(std::string&) override {
    see_to(*channel_);
    return std::make_shared<StreamConnection>(stub_);
  }
  void on_joined(const Welcomed& welcomed) override { heartbeat_.keep(welcomed); }
  void on_left() override { heartbeat_.stop(); }
  Origin road() const override { return {.road = Road::kStream, .address = address_, .tls = tls_}; }
  bool works_after_fork() const override { return false; }

 private:
  const std::string address_;
  const TlsOptions tls_;
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  Heartbeat heartbeat_{*channel_, stub_};
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
