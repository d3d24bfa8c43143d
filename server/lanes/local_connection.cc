#include "server/lanes/local_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/arena.h"
#include "server/lanes/local_lane.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

constexpr std::size_t kReadSize = 64 << 10U;
// A client that does not read its answers is not read from either, once so much waits for it.
constexpr std::size_t kMaxUnsent = 8 << 20U;
constexpr std::uint32_t kProtocolVersion = 1;

}  // namespace

LocalConnection::LocalConnection(LocalLane& lane, int fd, int epoll)
    : lane_(lane),
      fd_(fd),
      epoll_(epoll),
      in_(lane.engine().limits().max_message_bytes + (64U << 10U)) {}

LocalConnection::~LocalConnection() { close(fd_); }

void LocalConnection::start() {
  const MutexLock lock(out_mutex_);
  events_ = EPOLLIN;
  epoll_event event{.events = events_, .data = {.ptr = this}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event);
}

bool LocalConnection::read_once(std::size_t& received) {
  const std::size_t wanted = std::max(kReadSize, in_.missing());
  char* const room = in_.prepare(wanted);
  const ssize_t size = recv(fd_, room, wanted, MSG_DONTWAIT);
  if (size < 0) {
    received = 0;
    return errno == EAGAIN || errno == EINTR;
  }
  if (size == 0) return false;
  received = static_cast<std::size_t>(size);
  in_.commit(received);
  return true;
}

bool LocalConnection::on_readable() {
  std::size_t received = 0;
  if (!read_once(received)) return false;
  while (const auto frame = in_.next()) {
    if (!on_frame(*frame)) return false;
  }
  if (in_.too_large()) {
    refuse(error(v1::LIMIT_EXCEEDED,
                 absl::StrCat("a frame is larger than ", lane_.engine().limits().max_message_bytes,
                              " bytes (limit --max-message-bytes)")));
    return false;
  }
  return true;
}

bool LocalConnection::on_frame(std::string_view frame) {
  if (!frame_.parse(frame)) {
    return refuse(
        error(v1::BAD_COMMAND, "the bytes on this connection are not an mp.v1.ClientFrame"));
  }
  if (frame_.hello.has_value() != (session_ == nullptr)) {
    return refuse(error(v1::BAD_COMMAND,
                        "hello belongs into the first frame of a connection, and only there"));
  }
  if (frame_.hello && !greet(*frame_.hello)) return false;
  Deliveries deliveries;
  run_commands(deliveries);
  return true;
}

void LocalConnection::run_commands(Deliveries& deliveries) {
  if (frame_.lowest_unanswered != 0)
    session_->acknowledge(frame_.lowest_unanswered, frame_.unanswered);
  thread_local std::vector<char> arena_block(32U << 10U);
  google::protobuf::ArenaOptions options;
  options.initial_block = arena_block.data();
  options.initial_block_size = arena_block.size();
  google::protobuf::Arena arena(options);
  Origin origin{.session = session_, .port = shared_from_this()};
  for (const std::string_view bytes : frame_.commands) {
    auto* command = google::protobuf::Arena::CreateMessage<v1::Command>(&arena);
    const auto broken = parse_command(bytes, lane_.engine().limits().objects.max_depth, *command);
    origin.seq = broken ? broken->seq : command->seq();
    origin.owner = command->owner();
    if (broken) {
      lane_.dispatcher().refuse(broken->status, origin, deliveries);
    } else {
      auto* outcome = google::protobuf::Arena::CreateMessage<v1::Outcome>(&arena);
      lane_.dispatcher().dispatch(*command, origin, *outcome, deliveries);
    }
    arena.Reset();
  }
}

bool LocalConnection::refuse(const absl::Status& why) {
  {
    const MutexLock lock(out_mutex_);
    v1::ServerFrame frame;
    *frame.mutable_refusal() = to_wire(why);
    out_.append_frame(frame);
  }
  flush();
  return false;
}

absl::StatusOr<std::shared_ptr<Session>> LocalConnection::session_for(const v1::Hello& hello,
                                                                      const Peer& peer) {
  if (hello.version() != kProtocolVersion) {
    return error(v1::BAD_COMMAND,
                 absl::StrCat("the client speaks version ", hello.version(),
                              " of the protocol, and this manager ", kProtocolVersion));
  }
  if (!hello.manager().empty() && hello.manager() != lane_.engine().address()) {
    return error(v1::NO_SUCH_OBJECT, absl::StrCat("this manager is ", lane_.engine().address(),
                                                  ", and the client asks for ", hello.manager()));
  }
  if (absl::Status status = lane_.authenticate(hello, peer); !status.ok()) return status;
  Engine& engine = lane_.engine();
  if (hello.session() == 0) return engine.open_session(hello.client(), "local", std::nullopt);
  auto session = engine.sessions().find(hello.session(), hello.secret());
  if (session.ok()) (*session)->adopt(hello.client(), "local");
  return session;
}

bool LocalConnection::greet(const v1::Hello& hello) {
  const std::optional<Peer> peer = peer_of(fd_);
  if (!peer) return false;
  auto session = session_for(hello, *peer);
  if (!session.ok()) return refuse(session.status());
  session_ = *std::move(session);
  session_->attach(shared_from_this());
  if (session_->ended())
    return refuse(error(v1::SESSION_EXPIRED, "the session has ended just now"));
  lane_.attach(session_, fd_, *peer, hello.client().pid());

  const Limits& limits = lane_.engine().limits();
  v1::ServerFrame frame;
  v1::Welcome* welcome = frame.mutable_welcome();
  welcome->set_version(kProtocolVersion);
  welcome->set_session(session_->id());
  welcome->set_secret(session_->secret());
  welcome->set_epoch(lane_.engine().epoch());
  welcome->set_max_message_bytes(limits.max_message_bytes);
  welcome->set_max_value_depth(limits.objects.max_depth);
  welcome->set_max_value_bytes(limits.objects.max_bytes);
  welcome->set_manager(lane_.engine().address());
  {
    const MutexLock lock(out_mutex_);
    out_.append_frame(frame);
  }
  flush();
  return true;
}

void LocalConnection::append(const v1::Outcome& outcome) {
  const MutexLock lock(out_mutex_);
  if (!broken_) out_.append(outcome);
}

void LocalConnection::append_bytes(std::string_view outcome) {
  const MutexLock lock(out_mutex_);
  if (!broken_) out_.append_bytes(outcome);
}

void LocalConnection::flush() {
  const MutexLock lock(out_mutex_);
  if (out_.size() != 0) {
    if (unsent_.empty()) {
      unsent_ = out_.take();
    } else {
      unsent_ += out_.take();
    }
  }
  write_some();
}

void LocalConnection::write_some() {
  while (!broken_ && sent_ < unsent_.size()) {
    const ssize_t size =
        send(fd_, unsent_.data() + sent_, unsent_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size >= 0) {
      sent_ += static_cast<std::size_t>(size);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      broken_ = true;  // the lane thread finds the connection at its end, and closes it
    }
  }
  if (broken_ || sent_ == unsent_.size()) {
    unsent_.clear();
    sent_ = 0;
  } else if (sent_ > kMaxUnsent) {
    unsent_.erase(0, sent_);
    sent_ = 0;
  }
  want_events();
}

void LocalConnection::want_events() {
  const std::size_t waiting = unsent_.size() - sent_;
  std::uint32_t events = waiting < kMaxUnsent ? EPOLLIN : 0U;
  if (waiting != 0) events |= EPOLLOUT;
  if (events == events_) return;
  events_ = events;
  epoll_event event{.events = events, .data = {.ptr = this}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &event);
}

void LocalConnection::session_over() {
  // What is queued has been flushed. The lane thread reads the end of file and closes; the client
  // reconnects, and learns why it has no session any more.
  shutdown(fd_, SHUT_RDWR);
}

bool LocalConnection::on_writable() {
  const MutexLock lock(out_mutex_);
  write_some();
  return !broken_;
}

}  // namespace mp::server
