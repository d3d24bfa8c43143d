#include "server/objects/list.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "server/objects/slice.h"
#include "server/objects/sort.h"

namespace mp::server {

std::span<const Operation> List::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum Growth;
  using enum PlainField;
  static constexpr std::array kRows = {
      operation<&List::get, &In::list_get, &Out::mutable_list_get>("Get", kReads)
          .plain<&List::get_plain>({kInt}),
      operation<&List::set, &In::list_set, &Out::mutable_list_set>("Set", kMutates, kGrows)
          .plain<&List::set_plain>({kInt, kValue}),
      operation<&List::erase, &In::list_delete, &Out::mutable_list_delete>("Delete", kMutates),
      operation<&List::get_slice, &In::list_get_slice, &Out::mutable_list_get_slice>("GetSlice",
                                                                                     kReads),
      operation<&List::set_slice, &In::list_set_slice, &Out::mutable_list_set_slice>(
          "SetSlice", kMutates, kGrows),
      operation<&List::erase_slice, &In::list_delete_slice, &Out::mutable_list_delete_slice>(
          "DeleteSlice", kMutates),
      operation<&List::append, &In::list_append, &Out::mutable_list_append>("Append", kMutates,
                                                                            kGrows)
          .plain<&List::append_plain>({kValue}),
      operation<&List::extend, &In::list_extend, &Out::mutable_list_extend>("Extend", kMutates,
                                                                            kGrows),
      operation<&List::insert, &In::list_insert, &Out::mutable_list_insert>("Insert", kMutates,
                                                                            kGrows),
      operation<&List::pop, &In::list_pop, &Out::mutable_list_pop>("Pop", kMutates),
      operation<&List::remove, &In::list_remove, &Out::mutable_list_remove>("Remove", kMutates),
      operation<&List::index, &In::list_index, &Out::mutable_list_index>("Index", kReads),
      operation<&List::count, &In::list_count, &Out::mutable_list_count>("Count", kReads),
      operation<&List::contains, &In::list_contains, &Out::mutable_list_contains>("Contains",
                                                                                  kReads),
      operation<&List::size, &In::list_length, &Out::mutable_list_length>("Length", kReads),
      operation<&List::clear, &In::list_clear, &Out::mutable_list_clear>("Clear", kMutates),
      operation<&List::reverse, &In::list_reverse, &Out::mutable_list_reverse>("Reverse", kMutates),
      operation<&List::sort, &In::list_sort, &Out::mutable_list_sort>("Sort", kMutates),
      operation<&List::repeat, &In::list_repeat, &Out::mutable_list_repeat>("Repeat", kMutates,
                                                                            kGrows),
      operation<&List::add, &In::list_add, &Out::mutable_list_add>("Add", kMutates, kGrows),
      operation<&List::compare_exchange, &In::list_compare_exchange,
                &Out::mutable_list_compare_exchange>("CompareExchange", kMutates, kGrows),
      operation<&List::update_if, &In::list_update_if, &Out::mutable_list_update_if>(
          "UpdateIf", kMutates, kGrows),
  };
  return kRows;
}

namespace {

Value index_of(std::size_t at) { return Value::integer(static_cast<std::int64_t>(at)); }

absl::Status not_in_list(const Value& value) {
  return error(v1::VALUE_ERROR, absl::StrCat(brief(value), " is not in the list"));
}

}  // namespace

absl::StatusOr<List::Values> List::read(const google::protobuf::RepeatedPtrField<v1::Value>& wire,
                                        const ObjectLimits& limits) {
  Values values;
  values.reserve(static_cast<std::size_t>(wire.size()));
  for (const v1::Value& item : wire) {
    absl::StatusOr<Value> value = Value::from_wire(item, limits);
    if (!value.ok()) return value.status();
    values.push_back(*std::move(value));
  }
  return values;
}

absl::StatusOr<std::unique_ptr<List>> List::create(const v1::ListCreateRequest& request,
                                                   const ObjectLimits& limits) {
  auto values = read(request.values(), limits);
  if (!values.ok()) return values.status();
  if (absl::Status status = require_room(limits, 0, values->size()); !status.ok()) return status;
  auto list = std::make_unique<List>();
  list->items_ = *std::move(values);
  return list;
}

absl::StatusOr<std::size_t> List::require(std::int64_t index) const {
  if (const auto at = place_of(index, items_.size())) return *at;
  return error(v1::INDEX_ERROR,
               absl::StrCat("index ", index, " is out of range in a list of ", items_.size()));
}

std::optional<std::size_t> List::find(const Value& value, std::size_t first,
                                      std::size_t last) const {
  for (std::size_t at = first; at < last; ++at) {
    if (equal(items_[at], value)) return at;
  }
  return std::nullopt;
}

Value List::exchange(std::size_t at, Value value, Call& call) {
  Value old = std::exchange(items_[at], std::move(value));
  if (call.watched()) call.changed(index_of(at), old, items_[at]);
  if (call.undoable()) call.on_undo([this, at, old] { items_[at] = old; });
  return old;
}

Value List::take(std::size_t at, Call& call) {
  Value value = std::move(items_[at]);
  items_.erase(place(at));
  trim();
  if (call.watched()) {
    if (at == items_.size()) {
      call.changed(index_of(at), value, Value());
    } else {
      call.changed_everything();  // all that follow have moved
    }
  }
  if (call.undoable()) {
    call.on_undo([this, at, value] { items_.insert(place(at), value); });
  }
  return value;
}

void List::replace_all(Values items, Call& call) {
  items_.swap(items);
  if (call.watched()) call.changed_everything();
  if (call.undoable()) {
    call.on_undo([this, old = std::move(items)]() mutable { items_ = std::move(old); });
  }
}

void List::trim() {
  constexpr std::size_t kSmall = 64;
  if (items_.capacity() > kSmall && items_.size() < items_.capacity() / 4) items_.shrink_to_fit();
}

absl::Status List::get(const v1::ListGetRequest& request, v1::ListGetReply& reply,
                       Call& call) const {
  const absl::StatusOr<std::size_t> at = require(request.index());
  if (!at.ok()) return at.status();
  call.write(items_[*at], reply.mutable_value());
  return absl::OkStatus();
}

absl::Status List::set(const v1::ListSetRequest& request, v1::ListSetReply&, Call& call) {
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  return set_at(request.index(), *std::move(value), call);
}

absl::Status List::set_at(std::int64_t index, Value value, Call& call) {
  const absl::StatusOr<std::size_t> at = require(index);
  if (!at.ok()) return at.status();
  exchange(*at, std::move(value), call);
  return absl::OkStatus();
}

absl::Status List::erase(const v1::ListDeleteRequest& request, v1::ListDeleteReply&, Call& call) {
  const absl::StatusOr<std::size_t> at = require(request.index());
  if (!at.ok()) return at.status();
  take(*at, call);
  return absl::OkStatus();
}

absl::Status List::append(const v1::ListAppendRequest& request, v1::ListAppendReply&, Call& call) {
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  return append_value(*std::move(value), call);
}

absl::Status List::append_value(Value value, Call& call) {
  if (absl::Status status = call.require_room(items_.size()); !status.ok()) return status;
  items_.push_back(std::move(value));
  if (call.watched()) call.changed(index_of(items_.size() - 1), Value(), items_.back());
  if (call.undoable()) call.on_undo([this] { items_.pop_back(); });
  return absl::OkStatus();
}

absl::Status List::extend(const v1::ListExtendRequest& request, v1::ListExtendReply&, Call& call) {
  absl::StatusOr<Values> values = read(request.values(), call.step().limits());
  if (!values.ok()) return values.status();
  if (values->empty()) return call.alters_nothing();
  absl::Status status = call.require_room(items_.size(), values->size());
  if (!status.ok()) return status;
  replace(items_.size(), 0, *std::move(values), call);
  return absl::OkStatus();
}

absl::Status List::insert(const v1::ListInsertRequest& request, v1::ListInsertReply&, Call& call) {
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  if (absl::Status status = call.require_room(items_.size()); !status.ok()) return status;
  const std::size_t at = nearest_place(request.index(), items_.size());
  items_.insert(place(at), *std::move(value));
  if (call.watched()) call.changed_everything();
  if (call.undoable()) call.on_undo([this, at] { items_.erase(place(at)); });
  return absl::OkStatus();
}

absl::Status List::pop(const v1::ListPopRequest& request, v1::ListPopReply& reply, Call& call) {
  const absl::StatusOr<std::size_t> at = require(request.has_index() ? request.index() : -1);
  if (!at.ok()) {
    return items_.empty() ? error(v1::INDEX_ERROR, "pop from an empty list") : at.status();
  }
  call.write(take(*at, call), reply.mutable_value());
  return absl::OkStatus();
}

absl::Status List::remove(const v1::ListRemoveRequest& request, v1::ListRemoveReply&, Call& call) {
  const absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  const auto at = find(*value, 0, items_.size());
  if (!at) return not_in_list(*value);
  take(*at, call);
  return absl::OkStatus();
}

absl::Status List::index(const v1::ListIndexRequest& request, v1::ListIndexReply& reply,
                         Call& call) const {
  const absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  const std::size_t first = nearest_place(request.start(), items_.size());
  const std::size_t last =
      request.has_stop() ? nearest_place(request.stop(), items_.size()) : items_.size();
  const auto at = find(*value, first, last);
  if (!at) return not_in_list(*value);
  reply.set_index(*at);
  return absl::OkStatus();
}

absl::Status List::count(const v1::ListCountRequest& request, v1::ListCountReply& reply,
                         Call& call) const {
  const absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  const auto matches = [&](const Value& item) { return equal(item, *value); };
  reply.set_count(static_cast<std::uint64_t>(std::ranges::count_if(items_, matches)));
  return absl::OkStatus();
}

absl::Status List::contains(const v1::ListContainsRequest& request, v1::ListContainsReply& reply,
                            Call& call) const {
  const absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  reply.set_contains(find(*value, 0, items_.size()).has_value());
  return absl::OkStatus();
}

absl::Status List::size(const v1::ListLengthRequest&, v1::ListLengthReply& reply, Call&) const {
  reply.set_length(items_.size());
  return absl::OkStatus();
}

absl::Status List::clear(const v1::ListClearRequest&, v1::ListClearReply&, Call& call) {
  if (items_.empty()) return call.alters_nothing();
  replace_all({}, call);
  return absl::OkStatus();
}

absl::Status List::reverse(const v1::ListReverseRequest&, v1::ListReverseReply&, Call& call) {
  if (items_.size() < 2) return call.alters_nothing();
  std::ranges::reverse(items_);
  if (call.watched()) call.changed_everything();
  if (call.undoable()) call.on_undo([this] { std::ranges::reverse(items_); });
  return absl::OkStatus();
}

absl::Status List::sort(const v1::ListSortRequest& request, v1::ListSortReply&, Call& call) {
  absl::StatusOr<Values> items =
      sorted(items_, request.reverse() ? Order::kDescending : Order::kAscending);
  if (!items.ok()) return items.status();
  if (items->size() < 2) return call.alters_nothing();
  replace_all(*std::move(items), call);
  return absl::OkStatus();
}

absl::Status List::repeat(const v1::ListRepeatRequest& request, v1::ListRepeatReply&, Call& call) {
  if (items_.empty() || request.count() == 1) return call.alters_nothing();
  if (request.count() <= 0) {
    replace_all({}, call);
    return absl::OkStatus();
  }
  const std::size_t size = items_.size();
  std::uint64_t more = 0;
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(request.count()) - 1, size, &more)) {
    more = UINT64_MAX;
  }
  if (absl::Status status = call.require_room(size, more); !status.ok()) return status;
  if (call.watched()) call.changed_everything();
  items_.reserve(size + more);
  for (std::size_t i = 0; i < more; ++i) items_.push_back(items_[i]);
  if (call.undoable()) call.on_undo([this, size] { items_.resize(size); });
  return absl::OkStatus();
}

absl::Status List::add(const v1::ListAddRequest& request, v1::ListAddReply& reply, Call& call) {
  const absl::StatusOr<Value> operand = call.read(request.operand());
  if (!operand.ok()) return operand.status();
  const absl::StatusOr<std::size_t> at = require(request.index());
  if (!at.ok()) return at.status();
  absl::StatusOr<Value> total = sum(items_[*at], *operand, call.step().limits());
  if (!total.ok()) return total.status();
  call.write(*total, reply.mutable_value());
  exchange(*at, *std::move(total), call);
  return absl::OkStatus();
}

std::size_t List::heap_bytes() const {
  std::size_t total = items_.capacity() * sizeof(Value);
  for (const Value& item : items_) total += item.heap_bytes();
  return total;
}

void List::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  for (const Value& item : items_) item.visit_refs(visit);
}

}  // namespace mp::server
