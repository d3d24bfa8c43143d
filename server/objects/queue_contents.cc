#include "absl/strings/str_cat.h"
#include "server/objects/queue.h"

// What a queue tells of itself.

namespace mp::server {

absl::Status Queue::size(const v1::QueueSizeRequest&, v1::QueueSizeReply& reply, Call&) const {
  reply.set_size(items_.size());
  reply.set_maxsize(maxsize_);
  reply.set_shut_down(state_ != State::kOpen);
  reply.set_unfinished(unfinished_);
  reply.set_unconfirmed(delivered_.size());
  reply.set_delivery(delivery_);
  reply.set_producers(producers_.size());
  reply.set_order(items_.order());
  reply.set_max_deliveries(max_deliveries_);
  reply.set_dead_lettered(dead_lettered_);
  reply.set_dropped(dropped_);
  reply.set_delayed(delayed_.size());
  return absl::OkStatus();
}

std::string Queue::note() const {
  std::string note;
  if (!delayed_.empty()) note = absl::StrCat("delayed ", delayed_.size());
  if (dead_lettered_ == 0 && dropped_ == 0) return note;
  absl::StrAppend(&note, note.empty() ? "" : ", ", "max_deliveries ", max_deliveries_,
                  ": dead-lettered ", dead_lettered_, ", dropped ", dropped_);
  return note;
}

std::size_t Queue::heap_bytes() const {
  std::size_t total = items_.heap_bytes() + delivered_.size() * sizeof(Unconfirmed::Delivered);
  for (const auto& [number, delivered] : delivered_) total += delivered.item.value.heap_bytes();
  for (const auto& [due, value] : delayed_) total += sizeof due + sizeof value + value.heap_bytes();
  for (const auto& putter : putters_) {
    total += sizeof putter + putter.detail.values.size() * sizeof(Value);
    for (const Value& value : putter.detail.values) total += value.heap_bytes();
  }
  return total;
}

void Queue::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  if (dead_letters_ != nullptr) visit(dead_letters_id_);
  items_.visit_refs(visit);
  for (const auto& [due, value] : delayed_) value.visit_refs(visit);
  for (const auto& [number, delivered] : delivered_) delivered.item.value.visit_refs(visit);
  for (const auto& putter : putters_) {
    for (const Value& value : putter.detail.values) value.visit_refs(visit);
  }
}

}  // namespace mp::server
