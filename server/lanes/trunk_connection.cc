#include "server/lanes/trunk_connection.h"

#include <utility>

#include "server/lanes/trunk_stream.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {
// The answers of other connections don't wait for a frame that is larger.
constexpr std::size_t kQuick = 64 << 10U;
}  // namespace

TrunkConnection::TrunkConnection(std::shared_ptr<TrunkStream> trunk, TrunkFlow::Number number,
                                 const UnaryTarget& target, const AccessToken& token,
                                 bool authenticated)
    : RemoteConversation(target, token, authenticated, "relay"),
      trunk_(std::move(trunk)),
      number_(number) {}

bool TrunkConnection::on_part(const ConnectionPart& part) {
  const bool fits = trunk_->out([&](TrunkFlow& flow) {
    flow.widen(number_, part.taken);
    return !part.frame || flow.receive(number_, part.frame->size());
  });
  if (!fits) {
    return refuse(error(v1::LIMIT_EXCEEDED,
                        "more was sent on this connection of a trunk than its window allows"));
  }
  if (part.frame && !on_piece(*part.frame, part.more)) return false;
  if (!part.end) return true;
  // What the client had sent before it hung up runs, though nobody waits for the answers.
  while (!held_.empty() && take(held_.pop())) continue;
  return false;
}

bool TrunkConnection::on_piece(std::string_view piece, bool more) {
  if (!require_size(pieces_.size() + piece.size())) return false;
  const auto frame = pieces_.add(piece, more);
  if (!frame) return true;
  if (frame->size() > kQuick) trunk_->write_what_is_done();
  bool goes_on = true;
  if (holding_) {
    held_.append_frame(*frame);
  } else {
    goes_on = run(*frame);
  }
  pieces_.drop();
  return goes_on;
}

bool TrunkConnection::run(std::string_view frame) {
  if (!take(frame)) return false;
  holding_ = trunk_->out([&](TrunkFlow& flow) {
    const bool congested = flow.congested(number_);
    flow.hold(number_, congested);
    return congested;
  });
  return true;
}

bool TrunkConnection::on_caught_up() {
  if (!std::exchange(holding_, false)) return true;
  trunk_->out([&](TrunkFlow& flow) { flow.hold(number_, false); });
  while (!held_.empty() && !holding_) {
    if (!run(held_.pop())) return false;
  }
  return true;
}

void TrunkConnection::leave() {
  if (session() != nullptr) session()->detach(this);
}

void TrunkConnection::append(const v1::Outcome& outcome) {
  trunk_->out([&](TrunkFlow& flow) { flow.append(number_, outcome); });
}

void TrunkConnection::append_bytes(std::string_view outcome) {
  trunk_->out([&](TrunkFlow& flow) { flow.append_bytes(number_, outcome); });
}

void TrunkConnection::flush() { trunk_->flush(); }

void TrunkConnection::send(const v1::ServerFrame& frame) {
  const std::string bytes = frame.SerializeAsString();
  trunk_->out([&](TrunkFlow& flow) { flow.append_frame(number_, bytes); });
  trunk_->flush();
}

void TrunkConnection::session_over() {
  trunk_->out([&](TrunkFlow& flow) { flow.end(number_, TrunkFlow::Waiting::kLeaves); });
  trunk_->flush();
}

}  // namespace mp::server
