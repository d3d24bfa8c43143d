#include "server/objects/dict.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> Dict::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum Growth;
  static constexpr std::array kRows = {
      operation<&Dict::get, &In::dict_get, &Out::mutable_dict_get>("Get", kReads)
          .plain<1, &Dict::get_plain>(),
      operation<&Dict::set, &In::dict_set, &Out::mutable_dict_set>("Set", kMutates, kGrows)
          .plain<2, &Dict::set_plain>(),
      operation<&Dict::erase, &In::dict_delete, &Out::mutable_dict_delete>("Delete", kMutates),
      operation<&Dict::contains, &In::dict_contains, &Out::mutable_dict_contains>("Contains",
                                                                                  kReads),
      operation<&Dict::size, &In::dict_length, &Out::mutable_dict_length>("Length", kReads),
      operation<&Dict::clear, &In::dict_clear, &Out::mutable_dict_clear>("Clear", kMutates),
      operation<&Dict::items, &In::dict_items, &Out::mutable_dict_items>("Items", kReads),
      operation<&Dict::keys, &In::dict_keys, &Out::mutable_dict_keys>("Keys", kReads),
      operation<&Dict::values, &In::dict_values, &Out::mutable_dict_values>("Values", kReads),
      operation<&Dict::pop, &In::dict_pop, &Out::mutable_dict_pop>("Pop", kMutates),
      operation<&Dict::pop_item, &In::dict_pop_item, &Out::mutable_dict_pop_item>("PopItem",
                                                                                  kMutates),
      operation<&Dict::set_default, &In::dict_set_default, &Out::mutable_dict_set_default>(
          "SetDefault", kMutates, kGrows),
      operation<&Dict::update, &In::dict_update, &Out::mutable_dict_update>("Update", kMutates,
                                                                            kGrows),
      operation<&Dict::add, &In::dict_add, &Out::mutable_dict_add>("Add", kMutates, kGrows)
          .plain<2, &Dict::add_plain>(),
      operation<&Dict::compare_exchange, &In::dict_compare_exchange,
                &Out::mutable_dict_compare_exchange>("CompareExchange", kMutates, kGrows),
  };
  return kRows;
}

namespace {

using Entries = google::protobuf::RepeatedPtrField<v1::Entry>;

// All entries, checked before the first is used.
absl::StatusOr<std::vector<OrderedMap::Entry>> read(const Entries& wire,
                                                    const ObjectLimits& limits) {
  std::vector<OrderedMap::Entry> entries;
  entries.reserve(static_cast<std::size_t>(wire.size()));
  for (const v1::Entry& entry : wire) {
    absl::StatusOr<Value> key = Value::key_from_wire(entry.key(), limits);
    if (!key.ok()) return key.status();
    absl::StatusOr<Value> value = Value::from_wire(entry.value(), limits);
    if (!value.ok()) return value.status();
    entries.push_back({*std::move(key), *std::move(value)});
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dict>> Dict::create(const v1::DictCreateRequest& request,
                                                   const ObjectLimits& limits) {
  auto entries = read(request.entries(), limits);
  if (!entries.ok()) return entries.status();
  if (absl::Status status = require_room(limits, 0, entries->size()); !status.ok()) return status;
  auto dict = std::make_unique<Dict>();
  for (OrderedMap::Entry& entry : *entries) {
    if (const auto at = dict->map_.find(entry.key)) {
      dict->map_.value_at(*at) = std::move(entry.value);
    } else {
      dict->map_.insert(std::move(entry.key), std::move(entry.value));
    }
  }
  return dict;
}

absl::StatusOr<Dict::Position> Dict::require(const Value& key) const {
  if (const auto at = map_.find(key)) return *at;
  return error(v1::KEY_ERROR, brief(key));
}

absl::Status Dict::put(Value key, Value value, Call& call) {
  if (const auto at = map_.find(key)) {
    Value old = std::exchange(map_.value_at(*at), std::move(value));
    if (call.undoable())
      call.on_undo([this, at = *at, old = std::move(old)] { map_.value_at(at) = old; });
    return absl::OkStatus();
  }
  if (absl::Status status = call.require_room(map_.size()); !status.ok()) return status;
  const auto compaction =
      call.undoable() ? OrderedMap::Compaction::kForbidden : OrderedMap::Compaction::kAllowed;
  const Position at = map_.insert(std::move(key), std::move(value), compaction);
  if (call.undoable()) call.on_undo([this, at] { map_.erase(at); });
  return absl::OkStatus();
}

OrderedMap::Entry Dict::take(Position at, Call& call) {
  OrderedMap::Entry entry = map_.erase(at);
  if (call.undoable()) call.on_undo([this, at, entry] { map_.restore(at, entry); });
  return entry;
}

absl::Status Dict::get(const v1::DictGetRequest& request, v1::DictGetReply& reply,
                       Call& call) const {
  const absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  const absl::StatusOr<Position> at = require(*key);
  if (!at.ok()) return at.status();
  call.write(map_.value_at(*at), reply.mutable_value());
  return absl::OkStatus();
}

absl::Status Dict::set(const v1::DictSetRequest& request, v1::DictSetReply&, Call& call) {
  absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  return put(*std::move(key), *std::move(value), call);
}

absl::StatusOr<const Value*> Dict::get_plain(std::span<Value> key, Call&) const {
  const absl::StatusOr<Position> at = require(key.front());
  if (!at.ok()) return at.status();
  return &map_.value_at(*at);
}

absl::StatusOr<const Value*> Dict::set_plain(std::span<Value> entry, Call& call) {
  if (absl::Status status = put(std::move(entry[0]), std::move(entry[1]), call); !status.ok())
    return status;
  return nullptr;
}

absl::StatusOr<const Value*> Dict::add_plain(std::span<Value> entry, Call& call) {
  const Value& key = entry[0];
  const auto at = map_.find(key);
  absl::StatusOr<Value> total =
      sum(at ? map_.value_at(*at) : Value(), entry[1], call.event().limits());
  if (!total.ok()) return total.status();
  if (absl::Status status = put(key, *std::move(total), call); !status.ok()) return status;
  return &map_.value_at(*map_.find(key));
}

absl::Status Dict::erase(const v1::DictDeleteRequest& request, v1::DictDeleteReply&, Call& call) {
  const absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  const absl::StatusOr<Position> at = require(*key);
  if (!at.ok()) return at.status();
  take(*at, call);
  return absl::OkStatus();
}

absl::Status Dict::contains(const v1::DictContainsRequest& request, v1::DictContainsReply& reply,
                            Call& call) const {
  const absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  reply.set_contains(map_.find(*key).has_value());
  return absl::OkStatus();
}

absl::Status Dict::size(const v1::DictLengthRequest&, v1::DictLengthReply& reply, Call&) const {
  reply.set_length(map_.size());
  return absl::OkStatus();
}

absl::Status Dict::clear(const v1::DictClearRequest&, v1::DictClearReply&, Call& call) {
  if (call.undoable()) {
    call.on_undo([this, old = std::make_shared<OrderedMap>(map_)] { map_ = std::move(*old); });
  }
  map_.clear();
  return absl::OkStatus();
}

absl::Status Dict::items(const v1::DictItemsRequest&, v1::DictItemsReply& reply, Call& call) const {
  reply.mutable_entries()->Reserve(static_cast<int>(map_.size()));
  map_.for_each([&](const OrderedMap::Entry& entry) {
    v1::Entry* wire = reply.add_entries();
    call.write(entry.key, wire->mutable_key());
    call.write(entry.value, wire->mutable_value());
  });
  return absl::OkStatus();
}

absl::Status Dict::keys(const v1::DictKeysRequest&, v1::DictKeysReply& reply, Call& call) const {
  map_.for_each([&](const OrderedMap::Entry& entry) { call.write(entry.key, reply.add_keys()); });
  return absl::OkStatus();
}

absl::Status Dict::values(const v1::DictValuesRequest&, v1::DictValuesReply& reply,
                          Call& call) const {
  map_.for_each(
      [&](const OrderedMap::Entry& entry) { call.write(entry.value, reply.add_values()); });
  return absl::OkStatus();
}

absl::Status Dict::pop(const v1::DictPopRequest& request, v1::DictPopReply& reply, Call& call) {
  const absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  if (const auto at = map_.find(*key)) {
    call.write(take(*at, call).value, reply.mutable_value());
    return absl::OkStatus();
  }
  if (!request.has_default_()) return error(v1::KEY_ERROR, brief(*key));
  const absl::StatusOr<Value> fallback = call.read(request.default_());
  if (!fallback.ok()) return fallback.status();
  call.write(*fallback, reply.mutable_value());
  return absl::OkStatus();
}

absl::Status Dict::pop_item(const v1::DictPopItemRequest&, v1::DictPopItemReply& reply,
                            Call& call) {
  const auto last = map_.last();
  if (!last) return error(v1::KEY_ERROR, "popitem(): the dict is empty");
  const OrderedMap::Entry entry = take(*last, call);
  call.write(entry.key, reply.mutable_key());
  call.write(entry.value, reply.mutable_value());
  return absl::OkStatus();
}

absl::Status Dict::set_default(const v1::DictSetDefaultRequest& request,
                               v1::DictSetDefaultReply& reply, Call& call) {
  absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  if (const auto at = map_.find(*key)) {
    call.write(map_.value_at(*at), reply.mutable_value());
    return absl::OkStatus();
  }
  call.write(*value, reply.mutable_value());
  return put(*std::move(key), *std::move(value), call);
}

absl::Status Dict::update(const v1::DictUpdateRequest& request, v1::DictUpdateReply&, Call& call) {
  auto entries = read(request.entries(), call.event().limits());
  if (!entries.ok()) return entries.status();
  // Only new keys need room; they are counted when it is scarce.
  if (!call.require_room(map_.size(), entries->size()).ok()) {
    const auto is_new = [this](const OrderedMap::Entry& entry) { return !map_.find(entry.key); };
    const auto more = static_cast<std::uint64_t>(std::ranges::count_if(*entries, is_new));
    if (absl::Status status = call.require_room(map_.size(), more); !status.ok()) return status;
  }
  for (OrderedMap::Entry& entry : *entries) {
    if (absl::Status status = put(std::move(entry.key), std::move(entry.value), call);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status Dict::add(const v1::DictAddRequest& request, v1::DictAddReply& reply, Call& call) {
  absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  const absl::StatusOr<Value> operand = call.read(request.operand());
  if (!operand.ok()) return operand.status();
  const auto at = map_.find(*key);
  absl::StatusOr<Value> total =
      sum(at ? map_.value_at(*at) : Value(), *operand, call.event().limits());
  if (!total.ok()) return total.status();
  call.write(*total, reply.mutable_value());
  return put(*std::move(key), *std::move(total), call);
}

absl::Status Dict::compare_exchange(const v1::DictCompareExchangeRequest& request,
                                    v1::DictCompareExchangeReply& reply, Call& call) {
  absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  absl::StatusOr<Value> expected = request.has_expected() ? call.read(request.expected()) : Value();
  if (!expected.ok()) return expected.status();
  absl::StatusOr<Value> desired = request.has_desired() ? call.read(request.desired()) : Value();
  if (!desired.ok()) return desired.status();

  const auto at = map_.find(*key);
  if (at) call.write(map_.value_at(*at), reply.mutable_actual());
  const bool matches = at ? equal(map_.value_at(*at), *expected) : !expected->present();
  if (!matches) return absl::OkStatus();
  if (desired->present()) {
    if (absl::Status status = put(*std::move(key), *std::move(desired), call); !status.ok())
      return status;
  } else if (at) {
    take(*at, call);
  }
  reply.set_exchanged(true);
  return absl::OkStatus();
}

void Dict::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  map_.for_each([&](const OrderedMap::Entry& entry) {
    entry.key.visit_refs(visit);
    entry.value.visit_refs(visit);
  });
}

}  // namespace mp::server
