#include "server/relay/upstream_trunk.h"

#include <string>
#include <utility>

#include "server/lanes/grpc_message.h"
#include "server/relay/upstream.h"

namespace mp::server {
namespace {
constexpr char kMethod[] = "/mp.v1.Relays/Trunk";
}  // namespace

UpstreamTrunk::UpstreamTrunk(Upstream& upstream)
    : upstream_(upstream),
      stream_(upstream.stub().PrepareCall(&context_, kMethod, &upstream.queue())) {}

void UpstreamTrunk::serve(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<Tag*>(tag)->complete(ok);
}

// Whatever happened to it, nobody waits for its end any more.
UpstreamTrunk::~UpstreamTrunk() { upstream_.remove(*this); }

void UpstreamTrunk::start() { stream_->StartCall(start_tag_.begin()); }

void UpstreamTrunk::on_started(bool ok) {
  const MutexLock lock(mutex_);
  if (ok) {
    stream_->Read(&incoming_, read_tag_.begin());
    writing_ = false;
    write_some();
  } else {
    over_ = true;
    stream_->Finish(&status_, finish_tag_.begin());
  }
}

std::shared_ptr<UpstreamConnection> UpstreamTrunk::connect(
    std::shared_ptr<UpstreamConnection::Receiver> receiver) {
  const MutexLock lock(mutex_);
  if (over_) return nullptr;
  flow_.begin(++last_);
  auto connection =
      std::make_shared<UpstreamConnection>(shared_from_this(), last_, std::move(receiver));
  connections_.emplace(last_, connection);
  return connection;
}

bool UpstreamTrunk::over() {
  const MutexLock lock(mutex_);
  return over_;
}

void UpstreamTrunk::flush() {
  const MutexLock lock(mutex_);
  write_some();
}

void UpstreamTrunk::write_some() {
  if (writing_ || over_) return;
  const std::string message = flow_.next();
  if (message.empty()) return;
  writing_ = true;
  stream_->Write(message_of(message), write_tag_.begin());
}

void UpstreamTrunk::on_written(bool ok) {
  if (!ok) return;  // the read tells
  std::vector<std::shared_ptr<UpstreamConnection>> caught_up;
  {
    const MutexLock lock(mutex_);
    writing_ = false;
    write_some();
    for (const Number number : flow_.caught_up()) caught_up.push_back(find(number));
  }
  for (const auto& connection : caught_up) {
    if (connection != nullptr) connection->on_caught_up();
  }
}

std::shared_ptr<UpstreamConnection> UpstreamTrunk::find(Number number) {
  const auto at = connections_.find(number);
  return at == connections_.end() ? nullptr : at->second;
}

void UpstreamTrunk::on_read(bool ok) {
  if (!ok) {
    const MutexLock lock(mutex_);
    over_ = true;
    stream_->Finish(&status_, finish_tag_.begin());
    return;
  }
  if (!on_message(std::exchange(incoming_, {}))) cancel();
  stream_->Read(&incoming_, read_tag_.begin());
}

bool UpstreamTrunk::on_message(const grpc::ByteBuffer& message) {
  const auto bytes = in_one_piece(message);
  if (!bytes || !parse_trunk_frame(view_of(*bytes), parts_)) return false;
  for (const ConnectionPart& part : parts_) on_part(part);
  flush();
  return true;
}

void UpstreamTrunk::on_part(const ConnectionPart& part) {
  std::shared_ptr<UpstreamConnection> connection;
  {
    const MutexLock lock(mutex_);
    connection = find(part.connection);
    if (connection == nullptr) return;
    flow_.widen(part.connection, part.taken);
    if (part.frame) flow_.receive(part.connection, part.frame->size());
    if (part.end) connections_.erase(part.connection);
    // Agreed, if it was the relay that ended it.
    if (part.end) flow_.end(part.connection, TrunkFlow::Waiting::kIsDropped);
  }
  if (part.frame) connection->on_piece(*part.frame, part.more);
  if (part.end) connection->on_end(grpc::Status::OK);
}

void UpstreamTrunk::on_finished(bool) {
  std::unordered_map<Number, std::shared_ptr<UpstreamConnection>> connections;
  {
    const MutexLock lock(mutex_);
    connections.swap(connections_);
    flow_ = {};
  }
  // For a connection OK would mean that its client's session is over.
  if (status_.ok()) status_ = {grpc::StatusCode::UNAVAILABLE, "it hung up"};
  for (const auto& [number, connection] : connections) connection->on_end(status_);
}

}  // namespace mp::server
