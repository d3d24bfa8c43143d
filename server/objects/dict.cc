#include "server/objects/dict.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "server/objects/ordered_set.h"
#include "server/objects/scan.h"

namespace mp::server {

std::span<const Operation> Dict::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum Growth;
  using enum PlainField;
  static constexpr std::array kRows = {
      operation<&Dict::get, &In::dict_get, &Out::mutable_dict_get>("Get", kReads)
          .plain<&Dict::get_plain>({kKey}),
      operation<&Dict::set, &In::dict_set, &Out::mutable_dict_set>("Set", kMutates, kGrows)
          .plain<&Dict::set_plain>({kKey, kValue}),
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
          .plain<&Dict::add_plain>({kKey, kValue}),
      operation<&Dict::compare_exchange, &In::dict_compare_exchange,
                &Out::mutable_dict_compare_exchange>("CompareExchange", kMutates, kGrows),
      operation<&Dict::update_if, &In::dict_update_if, &Out::mutable_dict_update_if>(
          "UpdateIf", kMutates, kGrows),
      operation<&Dict::get_many, &In::dict_get_many, &Out::mutable_dict_get_many>("GetMany",
                                                                                  kReads),
      operation<&Dict::erase_many, &In::dict_delete_many, &Out::mutable_dict_delete_many>(
          "DeleteMany", kMutates),
      operation<&Dict::scan, &In::dict_scan, &Out::mutable_dict_scan>("Scan", kReads),
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

void write(const OrderedMap::Entry& entry, v1::Entry* wire, Call& call) {
  call.write(entry.key, wire->mutable_key());
  call.write(entry.value, wire->mutable_value());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dict>> Dict::create(const v1::DictCreateRequest& request,
                                                   const ObjectLimits& limits) {
  auto entries = read(request.entries(), limits);
  if (!entries.ok()) return entries.status();
  absl::StatusOr<UndoableMap> map = UndoableMap::of(*std::move(entries), limits);
  if (!map.ok()) return map.status();
  auto dict = std::make_unique<Dict>();
  dict->map_ = *std::move(map);
  return dict;
}

absl::StatusOr<Dict::Position> Dict::require(const Value& key) const {
  if (const auto at = map_->find(key)) return *at;
  return error(v1::KEY_ERROR, brief(key));
}

absl::Status Dict::get(const v1::DictGetRequest& request, v1::DictGetReply& reply,
                       Call& call) const {
  const absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  const absl::StatusOr<Position> at = require(*key);
  if (!at.ok()) return at.status();
  call.write(map_->value_at(*at), reply.mutable_value());
  return absl::OkStatus();
}

absl::Status Dict::set(const v1::DictSetRequest& request, v1::DictSetReply&, Call& call) {
  absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  return map_.put(*std::move(key), *std::move(value), call).status();
}

absl::Status Dict::get_plain(std::span<Value> key, PlainReply& reply, Call&) const {
  const absl::StatusOr<Position> at = require(key.front());
  if (!at.ok()) return at.status();
  reply.value(map_->value_at(*at));
  return absl::OkStatus();
}

absl::Status Dict::set_plain(std::span<Value> entry, PlainReply&, Call& call) {
  return map_.put(std::move(entry[0]), std::move(entry[1]), call).status();
}

absl::Status Dict::add_plain(std::span<Value> entry, PlainReply& reply, Call& call) {
  const auto at = map_.add(std::move(entry[0]), entry[1], call);
  if (!at.ok()) return at.status();
  reply.value(map_->value_at(*at));
  return absl::OkStatus();
}

absl::Status Dict::erase(const v1::DictDeleteRequest& request, v1::DictDeleteReply&, Call& call) {
  const absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  const absl::StatusOr<Position> at = require(*key);
  if (!at.ok()) return at.status();
  map_.take(*at, call);
  return absl::OkStatus();
}

absl::Status Dict::contains(const v1::DictContainsRequest& request, v1::DictContainsReply& reply,
                            Call& call) const {
  const absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  reply.set_contains(map_->find(*key).has_value());
  return absl::OkStatus();
}

absl::Status Dict::size(const v1::DictLengthRequest&, v1::DictLengthReply& reply, Call&) const {
  reply.set_length(map_->size());
  return absl::OkStatus();
}

absl::Status Dict::clear(const v1::DictClearRequest&, v1::DictClearReply&, Call& call) {
  return map_.clear(call);
}

absl::Status Dict::items(const v1::DictItemsRequest&, v1::DictItemsReply& reply, Call& call) const {
  reply.mutable_entries()->Reserve(static_cast<int>(map_->size()));
  map_->for_each([&](const OrderedMap::Entry& entry) { write(entry, reply.add_entries(), call); });
  return absl::OkStatus();
}

absl::Status Dict::keys(const v1::DictKeysRequest&, v1::DictKeysReply& reply, Call& call) const {
  map_->for_each([&](const OrderedMap::Entry& entry) { call.write(entry.key, reply.add_keys()); });
  return absl::OkStatus();
}

absl::Status Dict::values(const v1::DictValuesRequest&, v1::DictValuesReply& reply,
                          Call& call) const {
  map_->for_each(
      [&](const OrderedMap::Entry& entry) { call.write(entry.value, reply.add_values()); });
  return absl::OkStatus();
}

absl::Status Dict::pop(const v1::DictPopRequest& request, v1::DictPopReply& reply, Call& call) {
  const absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  if (const auto at = map_->find(*key)) {
    call.write(map_.take(*at, call).value, reply.mutable_value());
    return absl::OkStatus();
  }
  if (!request.has_default_()) return error(v1::KEY_ERROR, brief(*key));
  const absl::StatusOr<Value> fallback = call.read(request.default_());
  if (!fallback.ok()) return fallback.status();
  call.write(*fallback, reply.mutable_value());
  return call.alters_nothing();
}

absl::Status Dict::pop_item(const v1::DictPopItemRequest&, v1::DictPopItemReply& reply,
                            Call& call) {
  const auto last = map_->last();
  if (!last) return error(v1::KEY_ERROR, "popitem(): the dict is empty");
  const OrderedMap::Entry entry = map_.take(*last, call);
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
  if (const auto at = map_->find(*key)) {
    call.write(map_->value_at(*at), reply.mutable_value());
    return call.alters_nothing();
  }
  call.write(*value, reply.mutable_value());
  return map_.put(*std::move(key), *std::move(value), call).status();
}

absl::Status Dict::update(const v1::DictUpdateRequest& request, v1::DictUpdateReply&, Call& call) {
  auto entries = read(request.entries(), call.step().limits());
  if (!entries.ok()) return entries.status();
  return map_.put_all(*std::move(entries), call);
}

absl::Status Dict::add(const v1::DictAddRequest& request, v1::DictAddReply& reply, Call& call) {
  absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  const absl::StatusOr<Value> operand = call.read(request.operand());
  if (!operand.ok()) return operand.status();
  const auto at = map_.add(*std::move(key), *operand, call);
  if (!at.ok()) return at.status();
  call.write(map_->value_at(*at), reply.mutable_value());
  return absl::OkStatus();
}

absl::Status Dict::get_many(const v1::DictGetManyRequest& request, v1::DictGetManyReply& reply,
                            Call& call) const {
  const absl::StatusOr<OrderedSet> keys =
      OrderedSet::from_wire(request.keys(), call.step().limits());  // each key once
  if (!keys.ok()) return keys.status();
  keys->for_each([&](const Value& key) {
    if (const auto at = map_->find(key)) write(map_->entry_at(*at), reply.add_entries(), call);
  });
  return absl::OkStatus();
}

absl::Status Dict::erase_many(const v1::DictDeleteManyRequest& request,
                              v1::DictDeleteManyReply& reply, Call& call) {
  std::vector<Value> keys;
  keys.reserve(static_cast<std::size_t>(request.keys_size()));
  for (const v1::Value& wire : request.keys()) {
    absl::StatusOr<Value> key = call.read_key(wire);
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
  }
  const std::size_t before = map_->size();
  for (const Value& key : keys) {
    if (const auto at = map_->find(key)) map_.take(*at, call);
  }
  reply.set_deleted(before - map_->size());
  return reply.deleted() == 0 ? call.alters_nothing() : absl::OkStatus();
}

absl::Status Dict::scan(const v1::DictScanRequest& request, v1::DictScanReply& reply,
                        Call& call) const {
  const auto add = [&](const OrderedMap::Entry& entry) {
    v1::Entry* wire = reply.add_entries();
    call.write(entry.key, wire->mutable_key());
    if (!request.keys_only()) call.write(entry.value, wire->mutable_value());
    return wire->ByteSizeLong();
  };
  const auto bytes_of = [&](const OrderedMap::Entry& entry) {
    return request.keys_only() ? entry.key.heap_bytes() : heap_bytes_of(entry);
  };
  return server::scan(*map_, id_, "dictionary changed size during iteration", request, reply,
                      bytes_of, add);
}

void Dict::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  map_->for_each([&](const OrderedMap::Entry& entry) {
    entry.key.visit_refs(visit);
    entry.value.visit_refs(visit);
  });
}

}  // namespace mp::server
