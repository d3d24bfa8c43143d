#include "server/objects/set.h"

#include <array>
#include <utility>

#include "server/objects/error.h"
#include "server/objects/scan.h"

namespace mp::server {

std::span<const Operation> Set::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum Growth;
  using enum PlainField;
  static constexpr std::array kRows = {
      operation<&Set::add, &In::set_add, &Out::mutable_set_add>("Add", kMutates, kGrows)
          .plain<&Set::add_plain>({kKey}),
      operation<&Set::discard, &In::set_discard, &Out::mutable_set_discard>("Discard", kMutates)
          .plain<&Set::discard_plain>({kKey}),
      operation<&Set::remove, &In::set_remove, &Out::mutable_set_remove>("Remove", kMutates),
      operation<&Set::pop, &In::set_pop, &Out::mutable_set_pop>("Pop", kMutates),
      operation<&Set::contains, &In::set_contains, &Out::mutable_set_contains>("Contains", kReads)
          .plain<&Set::contains_plain>({kKey}),
      operation<&Set::size, &In::set_length, &Out::mutable_set_length>("Length", kReads),
      operation<&Set::clear, &In::set_clear, &Out::mutable_set_clear>("Clear", kMutates),
      operation<&Set::items, &In::set_items, &Out::mutable_set_items>("Items", kReads),
      operation<&Set::union_with, &In::set_union, &Out::mutable_set_union>("Union", kReads),
      operation<&Set::intersection, &In::set_intersection, &Out::mutable_set_intersection>(
          "Intersection", kReads),
      operation<&Set::difference, &In::set_difference, &Out::mutable_set_difference>("Difference",
                                                                                     kReads),
      operation<&Set::symmetric_difference, &In::set_symmetric_difference,
                &Out::mutable_set_symmetric_difference>("SymmetricDifference", kReads),
      operation<&Set::update, &In::set_update, &Out::mutable_set_update>("Update", kMutates,
                                                                         kGrows),
      operation<&Set::intersection_update, &In::set_intersection_update,
                &Out::mutable_set_intersection_update>("IntersectionUpdate", kMutates),
      operation<&Set::difference_update, &In::set_difference_update,
                &Out::mutable_set_difference_update>("DifferenceUpdate", kMutates),
      operation<&Set::symmetric_difference_update, &In::set_symmetric_difference_update,
                &Out::mutable_set_symmetric_difference_update>("SymmetricDifferenceUpdate",
                                                               kMutates, kGrows),
      operation<&Set::compare, &In::set_compare, &Out::mutable_set_compare>("Compare", kReads),
      operation<&Set::scan, &In::set_scan, &Out::mutable_set_scan>("Scan", kReads),
  };
  return kRows;
}

absl::StatusOr<std::unique_ptr<Set>> Set::create(const v1::SetCreateRequest& request,
                                                 const ObjectLimits& limits) {
  absl::StatusOr<OrderedSet> items = OrderedSet::from_wire(request.items(), limits);
  if (!items.ok()) return items.status();
  if (absl::Status status = require_room(limits, 0, items->size()); !status.ok()) return status;
  auto set = std::make_unique<Set>();
  set->items_ = *std::move(items);
  return set;
}

void Set::put(Value item, Call& call) {
  const auto compaction =
      call.undoable() ? OrderedSet::Compaction::kForbidden : OrderedSet::Compaction::kAllowed;
  if (call.watched()) call.changed(item, Value(), item);
  const Position at = items_.insert(std::move(item), compaction);
  if (call.undoable()) call.on_undo([this, at] { items_.erase(at); });
}

Value Set::take(Position at, Call& call) {
  Value item = items_.erase(at);
  if (call.watched()) call.changed(item, item, Value());
  if (call.undoable()) call.on_undo([this, at, item] { items_.restore(at, item); });
  return item;
}

absl::Status Set::add(const v1::SetAddRequest& request, v1::SetAddReply& reply, Call& call) {
  absl::StatusOr<Value> item = call.read_key(request.item());
  if (!item.ok()) return item.status();
  const absl::StatusOr<bool> added = add_item(*std::move(item), call);
  if (added.ok()) reply.set_added(*added);
  return added.status();
}

absl::Status Set::add_plain(std::span<Value> item, PlainReply& reply, Call& call) {
  const absl::StatusOr<bool> added = add_item(std::move(item.front()), call);
  if (added.ok()) reply.truth(*added);
  return added.status();
}

absl::StatusOr<bool> Set::add_item(Value item, Call& call) {
  if (items_.contains(item)) {
    call.alters_nothing().IgnoreError();  // it is no error
    return false;
  }
  if (absl::Status status = call.require_room(items_.size()); !status.ok()) return status;
  put(std::move(item), call);
  return true;
}

absl::Status Set::discard(const v1::SetDiscardRequest& request, v1::SetDiscardReply& reply,
                          Call& call) {
  const absl::StatusOr<Value> item = call.read_key(request.item());
  if (!item.ok()) return item.status();
  reply.set_removed(discard_item(*item, call));
  return absl::OkStatus();
}

absl::Status Set::discard_plain(std::span<Value> item, PlainReply& reply, Call& call) {
  reply.truth(discard_item(item.front(), call));
  return absl::OkStatus();
}

bool Set::discard_item(const Value& item, Call& call) {
  const auto at = items_.find(item);
  if (!at) {
    call.alters_nothing().IgnoreError();  // it is no error
    return false;
  }
  take(*at, call);
  return true;
}

absl::Status Set::remove(const v1::SetRemoveRequest& request, v1::SetRemoveReply&, Call& call) {
  const absl::StatusOr<Value> item = call.read_key(request.item());
  if (!item.ok()) return item.status();
  const auto at = items_.find(*item);
  if (!at) return error(v1::KEY_ERROR, brief(*item));
  take(*at, call);
  return absl::OkStatus();
}

absl::Status Set::pop(const v1::SetPopRequest&, v1::SetPopReply& reply, Call& call) {
  const auto at = items_.first();
  if (!at) return error(v1::KEY_ERROR, "pop from an empty set");
  call.write(take(*at, call), reply.mutable_item());
  return absl::OkStatus();
}

absl::Status Set::contains(const v1::SetContainsRequest& request, v1::SetContainsReply& reply,
                           Call& call) const {
  const absl::StatusOr<Value> item = call.read_key(request.item());
  if (!item.ok()) return item.status();
  reply.set_contains(items_.contains(*item));
  return absl::OkStatus();
}

absl::Status Set::contains_plain(std::span<Value> item, PlainReply& reply, Call&) const {
  reply.truth(items_.contains(item.front()));
  return absl::OkStatus();
}

absl::Status Set::size(const v1::SetLengthRequest&, v1::SetLengthReply& reply, Call&) const {
  reply.set_length(items_.size());
  return absl::OkStatus();
}

absl::Status Set::clear(const v1::SetClearRequest&, v1::SetClearReply&, Call& call) {
  if (items_.size() == 0) return call.alters_nothing();
  OrderedSet old = std::exchange(items_, OrderedSet());
  if (call.watched()) {
    old.for_each([&](const Value& item) { call.changed(item, item, Value()); });
  }
  if (!call.undoable()) return absl::OkStatus();
  call.on_undo(
      [this, kept = std::make_shared<OrderedSet>(std::move(old))] { items_ = std::move(*kept); });
  return absl::OkStatus();
}

absl::Status Set::items(const v1::SetItemsRequest&, v1::SetItemsReply& reply, Call& call) const {
  reply.mutable_items()->Reserve(static_cast<int>(items_.size()));
  items_.for_each([&](const Value& item) { call.write(item, reply.add_items()); });
  return absl::OkStatus();
}

absl::Status Set::scan(const v1::SetScanRequest& request, v1::SetScanReply& reply,
                       Call& call) const {
  const auto add = [&](const Value& item) {
    v1::Value* wire = reply.add_items();
    call.write(item, wire);
    return wire->ByteSizeLong();
  };
  return server::scan(
      items_, id_, "Set changed size during iteration", request, reply,
      [](const Value& item) { return heap_bytes_of(item); }, add);
}

void Set::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  items_.for_each([&](const Value& item) { item.visit_refs(visit); });
}

}  // namespace mp::server
