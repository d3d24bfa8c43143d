#include "server/relay/upstream_connection.h"

#include "server/relay/upstream_trunk.h"

namespace mp::server {

void UpstreamConnection::send(std::string_view frame) {
  trunk_->out([&](TrunkFlow& flow) { flow.append_frame(number_, frame); });
}

void UpstreamConnection::flush() { trunk_->flush(); }

bool UpstreamConnection::congested() {
  return trunk_->out([&](TrunkFlow& flow) { return flow.congested(number_); });
}

void UpstreamConnection::hang_up() {
  trunk_->out([&](TrunkFlow& flow) { flow.end(number_, TrunkFlow::Waiting::kLeaves); });
}

void UpstreamConnection::resume() {
  trunk_->out([&](TrunkFlow& flow) { flow.hold(number_, false); });
  trunk_->flush();
}

// Held before the receiver hears of it: it may resume before it has said that it wants no more.
void UpstreamConnection::on_piece(std::string_view piece, bool more) {
  const auto frame = pieces_.add(piece, more);
  if (!frame) return;
  trunk_->out([&](TrunkFlow& flow) { flow.hold(number_, true); });
  const bool wants_more = receiver_->on_message(*frame);
  pieces_.drop();
  if (wants_more) trunk_->out([&](TrunkFlow& flow) { flow.hold(number_, false); });
}

}  // namespace mp::server
