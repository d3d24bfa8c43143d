#include "server/lanes/trunk_flow.h"

#include <algorithm>

namespace mp::server {
namespace {
// What a connection sends in its turn.
constexpr std::size_t kPiece = 16 << 10U;
// A message ends with the turn in which it has become so long.
constexpr std::size_t kMaxMessage = 64 << 10U;
}  // namespace

// An empty frame needs no window.
bool TrunkFlow::Connection::may_send_frame() const {
  return has_frame() && (window != 0 || unsent() == 0);
}

void TrunkFlow::begin(Number number) { connections_.try_emplace(number); }

TrunkFlow::Connection* TrunkFlow::find(Number number) {
  const auto at = connections_.find(number);
  return at == connections_.end() ? nullptr : &at->second;
}

void TrunkFlow::give_turn(Number number, Connection& connection) {
  if (connection.in_turn || !connection.has_turn()) return;
  connection.in_turn = true;
  turns_.push_back(number);
}

template <typename Append>
void TrunkFlow::append_by(Number number, Append append) {
  Connection* connection = find(number);
  if (connection == nullptr || connection->ending) return;
  append(connection->frames);
  give_turn(number, *connection);
}

void TrunkFlow::append(Number number, const v1::Outcome& outcome) {
  append_by(number, [&](FrameQueue& frames) { frames.append(outcome); });
}

void TrunkFlow::append_bytes(Number number, std::string_view outcome) {
  append_by(number, [&](FrameQueue& frames) { frames.append_bytes(outcome); });
}

void TrunkFlow::append_frame(Number number, std::string_view frame) {
  append_by(number, [&](FrameQueue& frames) { frames.append_frame(frame); });
}

void TrunkFlow::end(Number number, Waiting waiting) {
  Connection* connection = find(number);
  if (connection == nullptr) return;
  connection->ending = true;
  if (waiting == Waiting::kIsDropped) {
    connection->frames = {};
    connection->leaving = {};
    connection->left = 0;
    connection->split = false;
  }
  give_turn(number, *connection);
}

void TrunkFlow::widen(Number number, std::uint64_t taken) {
  Connection* connection = find(number);
  if (connection == nullptr) return;
  connection->window += std::min(taken, kWindow - connection->window);
  give_turn(number, *connection);
}

bool TrunkFlow::receive(Number number, std::size_t bytes) {
  Connection* connection = find(number);
  if (connection == nullptr) return true;
  connection->received += bytes;
  if (connection->received > kWindow) return false;
  give_turn(number, *connection);
  return true;
}

void TrunkFlow::hold(Number number, bool held) {
  Connection* connection = find(number);
  if (connection == nullptr) return;
  connection->held = held;
  give_turn(number, *connection);
}

bool TrunkFlow::congested(Number number) {
  Connection* connection = find(number);
  if (connection == nullptr || connection->unsent() < kMaxUnsent) return false;
  if (!std::exchange(connection->congested, true)) congested_.push_back(number);
  return true;
}

std::vector<TrunkFlow::Number> TrunkFlow::caught_up() {
  std::vector<Number> found;
  std::erase_if(congested_, [&](Number number) {
    Connection* connection = find(number);
    if (connection != nullptr && connection->unsent() >= kMaxUnsent) return false;
    if (connection != nullptr) connection->congested = false;
    found.push_back(number);
    return true;
  });
  return found;
}

std::string TrunkFlow::next() {
  std::string message;
  while (!turns_.empty() && message.size() < kMaxMessage) {
    const Number number = turns_.front();
    turns_.pop_front();
    Connection* connection = find(number);
    connection->in_turn = false;
    if (!take_turn(number, *connection, message)) continue;
    give_turn(number, *connection);
  }
  return message;
}

// False: that was its last one.
bool TrunkFlow::take_turn(Number number, Connection& connection, std::string& message) {
  ConnectionPart part;
  part.connection = number;
  if (connection.shall_tell_taken()) part.taken = std::exchange(connection.received, 0);
  if (connection.may_send_frame()) send_piece(connection, part);
  part.end = connection.may_end();
  if (part.frame || part.taken != 0 || part.end) append_part(message, part);
  if (connection.left == connection.leaving.size() && !connection.split) {
    connection.leaving = {};  // which may be large
    connection.left = 0;
  }
  if (!part.end) return true;
  connections_.erase(number);
  ended_.push_back(number);
  return false;
}

void TrunkFlow::send_piece(Connection& connection, ConnectionPart& part) {
  if (!std::exchange(connection.split, true)) connection.leaving = connection.frames.pop();
  const std::size_t rest = connection.leaving.size() - connection.left;
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>({kPiece, rest, connection.window}));
  part.frame = std::string_view(connection.leaving).substr(connection.left, size);
  part.more = size < rest;
  connection.window -= size;
  connection.left += size;
  connection.split = part.more;
}

}  // namespace mp::server
