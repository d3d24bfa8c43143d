#include "server/objects/undoable_map.h"

#include <memory>
#include <utility>

#include "server/objects/ordered_set.h"

namespace mp::server {
namespace {

// How many keys of `entries` the map does not have.
std::uint64_t count_new(const OrderedMap& map, const std::vector<OrderedMap::Entry>& entries) {
  OrderedSet fresh;
  for (const OrderedMap::Entry& entry : entries) {
    if (!map.find(entry.key) && !fresh.contains(entry.key)) fresh.insert(entry.key);
  }
  return fresh.size();
}

}  // namespace

absl::StatusOr<UndoableMap> UndoableMap::of(std::vector<Entry> entries,
                                            const ObjectLimits& limits) {
  UndoableMap result;
  OrderedMap& map = result.map_;
  for (Entry& entry : entries) {
    if (const auto at = map.find(entry.key)) {
      map.value_at(*at) = std::move(entry.value);
    } else {
      map.insert(std::move(entry.key), std::move(entry.value));
    }
  }
  if (absl::Status status = require_room(limits, 0, map.size()); !status.ok()) return status;
  return result;
}

absl::StatusOr<UndoableMap::Position> UndoableMap::put(Value key, Value value, Call& call) {
  const auto at = map_.find(key);
  if (!at) return insert(std::move(key), std::move(value), call);
  replace(*at, std::move(value), call);
  return *at;
}

absl::Status UndoableMap::put_all(std::vector<Entry> entries, Call& call) {
  if (entries.empty()) return call.alters_nothing();
  // Only new keys need room; they are counted when it is scarce.
  if (!call.require_room(map_.size(), entries.size()).ok()) {
    absl::Status status = call.require_room(map_.size(), count_new(map_, entries));
    if (!status.ok()) return status;
  }
  for (Entry& entry : entries) {
    const auto at = put(std::move(entry.key), std::move(entry.value), call);
    if (!at.ok()) return at.status();
  }
  return absl::OkStatus();
}

absl::StatusOr<UndoableMap::Position> UndoableMap::add(Value key, const Value& operand,
                                                       Call& call) {
  const auto at = map_.find(key);
  absl::StatusOr<Value> total =
      sum(at ? map_.value_at(*at) : Value(), operand, call.step().limits());
  if (!total.ok()) return total.status();
  if (!at) return insert(std::move(key), *std::move(total), call);
  replace(*at, *std::move(total), call);
  return *at;
}

UndoableMap::Entry UndoableMap::take(Position at, Call& call) {
  Entry entry = map_.erase(at);
  if (call.watched()) call.changed(entry.key, entry.value, Value());
  if (call.undoable()) call.on_undo([this, at, entry] { map_.restore(at, entry); });
  return entry;
}

absl::Status UndoableMap::clear(Call& call) {
  if (map_.size() == 0) return call.alters_nothing();
  auto old = std::exchange(map_, OrderedMap());
  if (call.watched()) {
    old.for_each([&](const Entry& entry) { call.changed(entry.key, entry.value, Value()); });
  }
  if (!call.undoable()) return absl::OkStatus();
  call.on_undo(
      [this, kept = std::make_shared<OrderedMap>(std::move(old))] { map_ = std::move(*kept); });
  return absl::OkStatus();
}

void UndoableMap::replace(Position at, Value value, Call& call) {
  Value old = std::exchange(map_.value_at(at), std::move(value));
  if (call.watched()) call.changed(map_.entry_at(at).key, old, map_.value_at(at));
  if (call.undoable()) call.on_undo([this, at, old = std::move(old)] { map_.value_at(at) = old; });
}

absl::StatusOr<UndoableMap::Position> UndoableMap::insert(Value key, Value value, Call& call) {
  if (absl::Status status = call.require_room(map_.size()); !status.ok()) return status;
  const auto compaction =
      call.undoable() ? OrderedMap::Compaction::kForbidden : OrderedMap::Compaction::kAllowed;
  const Position at = map_.insert(std::move(key), std::move(value), compaction);
  if (call.watched()) call.changed(map_.entry_at(at).key, Value(), map_.value_at(at));
  if (call.undoable()) call.on_undo([this, at] { map_.erase(at); });
  return at;
}

}  // namespace mp::server
