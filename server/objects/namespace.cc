#include "server/objects/namespace.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> Namespace::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum Growth;
  using enum PlainField;
  static constexpr std::array kRows = {
      operation<&Namespace::get, &In::namespace_get, &Out::mutable_namespace_get>("Get", kReads)
          .plain<&Namespace::get_plain>({kText}),
      operation<&Namespace::set, &In::namespace_set, &Out::mutable_namespace_set>("Set", kMutates,
                                                                                  kGrows)
          .plain<&Namespace::set_plain>({kText, kValue}),
      operation<&Namespace::erase, &In::namespace_delete, &Out::mutable_namespace_delete>("Delete",
                                                                                          kMutates),
      operation<&Namespace::contains, &In::namespace_contains, &Out::mutable_namespace_contains>(
          "Contains", kReads),
      operation<&Namespace::attributes, &In::namespace_attributes,
                &Out::mutable_namespace_attributes>("Attributes", kReads),
      operation<&Namespace::update, &In::namespace_update, &Out::mutable_namespace_update>(
          "Update", kMutates, kGrows),
      operation<&Namespace::add, &In::namespace_add, &Out::mutable_namespace_add>("Add", kMutates,
                                                                                  kGrows),
  };
  return kRows;
}

namespace {

// VALUE_ERROR for an attribute without a name.
absl::StatusOr<Value> key_of(const std::string& attribute, const ObjectLimits& limits) {
  if (attribute.empty()) return error(v1::VALUE_ERROR, "an attribute needs a name");
  if (attribute.size() > limits.max_bytes) return too_large(limits);
  return Value::str(attribute);
}

// All attributes, checked before the first is used.
absl::StatusOr<std::vector<OrderedMap::Entry>> read(
    const google::protobuf::RepeatedPtrField<v1::Attribute>& wire, const ObjectLimits& limits) {
  std::vector<OrderedMap::Entry> entries;
  entries.reserve(static_cast<std::size_t>(wire.size()));
  for (const v1::Attribute& attribute : wire) {
    absl::StatusOr<Value> key = key_of(attribute.attribute(), limits);
    if (!key.ok()) return key.status();
    absl::StatusOr<Value> value = Value::from_wire(attribute.value(), limits);
    if (!value.ok()) return value.status();
    entries.push_back({*std::move(key), *std::move(value)});
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Namespace>> Namespace::create(
    const v1::NamespaceCreateRequest& request, const ObjectLimits& limits) {
  auto entries = read(request.attributes(), limits);
  if (!entries.ok()) return entries.status();
  absl::StatusOr<UndoableMap> map = UndoableMap::of(*std::move(entries), limits);
  if (!map.ok()) return map.status();
  auto result = std::make_unique<Namespace>();
  result->map_ = *std::move(map);
  return result;
}

absl::StatusOr<Namespace::Position> Namespace::require(const std::string& attribute,
                                                       const ObjectLimits& limits) const {
  const absl::StatusOr<Value> key = key_of(attribute, limits);
  if (!key.ok()) return key.status();
  return require(*key);
}

absl::StatusOr<Namespace::Position> Namespace::require(const Value& key) const {
  if (const auto at = map_->find(key)) return *at;
  return error(v1::ATTRIBUTE_ERROR, absl::StrCat("no attribute ", brief(key)));
}

absl::Status Namespace::get(const v1::NamespaceGetRequest& request, v1::NamespaceGetReply& reply,
                            Call& call) const {
  const absl::StatusOr<Position> at = require(request.attribute(), call.step().limits());
  if (!at.ok()) return at.status();
  call.write(map_->value_at(*at), reply.mutable_value());
  return absl::OkStatus();
}

absl::Status Namespace::get_plain(std::span<Value> attribute, PlainReply& reply, Call&) const {
  const absl::StatusOr<Position> at = require(attribute.front());
  if (!at.ok()) return at.status();
  reply.value(map_->value_at(*at));
  return absl::OkStatus();
}

absl::Status Namespace::set(const v1::NamespaceSetRequest& request, v1::NamespaceSetReply&,
                            Call& call) {
  absl::StatusOr<Value> key = key_of(request.attribute(), call.step().limits());
  if (!key.ok()) return key.status();
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  return map_.put(*std::move(key), *std::move(value), call).status();
}

absl::Status Namespace::set_plain(std::span<Value> entry, PlainReply&, Call& call) {
  return map_.put(std::move(entry[0]), std::move(entry[1]), call).status();
}

absl::Status Namespace::erase(const v1::NamespaceDeleteRequest& request, v1::NamespaceDeleteReply&,
                              Call& call) {
  const absl::StatusOr<Position> at = require(request.attribute(), call.step().limits());
  if (!at.ok()) return at.status();
  map_.take(*at, call);
  return absl::OkStatus();
}

absl::Status Namespace::contains(const v1::NamespaceContainsRequest& request,
                                 v1::NamespaceContainsReply& reply, Call& call) const {
  const absl::StatusOr<Value> key = key_of(request.attribute(), call.step().limits());
  if (!key.ok()) return key.status();
  reply.set_contains(map_->find(*key).has_value());
  return absl::OkStatus();
}

absl::Status Namespace::attributes(const v1::NamespaceAttributesRequest&,
                                   v1::NamespaceAttributesReply& reply, Call& call) const {
  std::vector<const OrderedMap::Entry*> entries;
  entries.reserve(map_->size());
  map_->for_each([&](const OrderedMap::Entry& entry) { entries.push_back(&entry); });
  // UTF-8 orders as its code points do, and so as Python's strings.
  std::ranges::sort(entries, {}, [](const OrderedMap::Entry* entry) { return entry->key.text(); });
  reply.mutable_attributes()->Reserve(static_cast<int>(entries.size()));
  for (const OrderedMap::Entry* entry : entries) {
    v1::Attribute* wire = reply.add_attributes();
    wire->set_attribute(std::string(entry->key.text()));
    call.write(entry->value, wire->mutable_value());
  }
  return absl::OkStatus();
}

absl::Status Namespace::update(const v1::NamespaceUpdateRequest& request, v1::NamespaceUpdateReply&,
                               Call& call) {
  auto entries = read(request.attributes(), call.step().limits());
  if (!entries.ok()) return entries.status();
  return map_.put_all(*std::move(entries), call);
}

absl::Status Namespace::add(const v1::NamespaceAddRequest& request, v1::NamespaceAddReply& reply,
                            Call& call) {
  absl::StatusOr<Value> key = key_of(request.attribute(), call.step().limits());
  if (!key.ok()) return key.status();
  const absl::StatusOr<Value> operand = call.read(request.operand());
  if (!operand.ok()) return operand.status();
  const absl::StatusOr<Position> at = map_.add(*std::move(key), *operand, call);
  if (!at.ok()) return at.status();
  call.write(map_->value_at(*at), reply.mutable_value());
  return absl::OkStatus();
}

void Namespace::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  map_->for_each([&](const OrderedMap::Entry& entry) { entry.value.visit_refs(visit); });
}

}  // namespace mp::server
