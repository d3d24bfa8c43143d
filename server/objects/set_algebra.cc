#include <utility>

#include "server/objects/set.h"

// A set and the items of a request, as Python's operators combine them. All items of a request are
// checked before the first is used.

namespace mp::server {
namespace {

using Wire = google::protobuf::RepeatedPtrField<v1::Value>;

absl::StatusOr<OrderedSet> read(const Wire& wire, Call& call) {
  return OrderedSet::from_wire(wire, call.step().limits());
}

enum class Which { kIn, kNotIn };

// Calls visit(item) for the items of `set` that are in `other`, or not in it.
template <class Visit>
void for_each(const OrderedSet& set, Which which, const OrderedSet& other, Visit visit) {
  set.for_each([&](const Value& item) {
    if (other.contains(item) == (which == Which::kIn)) visit(item);
  });
}

void write(const OrderedSet& set, Which which, const OrderedSet& other, Wire* reply, Call& call) {
  for_each(set, which, other, [&](const Value& item) { call.write(item, reply->Add()); });
}

std::vector<Value> items_of(const OrderedSet& set, Which which, const OrderedSet& other) {
  std::vector<Value> items;
  for_each(set, which, other, [&](const Value& item) { items.push_back(item); });
  return items;
}

}  // namespace

absl::Status Set::union_with(const v1::SetUnionRequest& request, v1::SetUnionReply& reply,
                             Call& call) const {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  items_.for_each([&](const Value& item) { call.write(item, reply.add_items()); });
  write(*other, Which::kNotIn, items_, reply.mutable_items(), call);
  return absl::OkStatus();
}

absl::Status Set::intersection(const v1::SetIntersectionRequest& request,
                               v1::SetIntersectionReply& reply, Call& call) const {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  write(items_, Which::kIn, *other, reply.mutable_items(), call);
  return absl::OkStatus();
}

absl::Status Set::difference(const v1::SetDifferenceRequest& request, v1::SetDifferenceReply& reply,
                             Call& call) const {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  write(items_, Which::kNotIn, *other, reply.mutable_items(), call);
  return absl::OkStatus();
}

absl::Status Set::symmetric_difference(const v1::SetSymmetricDifferenceRequest& request,
                                       v1::SetSymmetricDifferenceReply& reply, Call& call) const {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  write(items_, Which::kNotIn, *other, reply.mutable_items(), call);
  write(*other, Which::kNotIn, items_, reply.mutable_items(), call);
  return absl::OkStatus();
}

absl::Status Set::update(const v1::SetUpdateRequest& request, v1::SetUpdateReply&, Call& call) {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  return change({}, items_of(*other, Which::kNotIn, items_), call);
}

absl::Status Set::intersection_update(const v1::SetIntersectionUpdateRequest& request,
                                      v1::SetIntersectionUpdateReply&, Call& call) {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  return change(items_of(items_, Which::kNotIn, *other), {}, call);
}

absl::Status Set::difference_update(const v1::SetDifferenceUpdateRequest& request,
                                    v1::SetDifferenceUpdateReply&, Call& call) {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  return change(items_of(*other, Which::kIn, items_), {}, call);
}

absl::Status Set::symmetric_difference_update(
    const v1::SetSymmetricDifferenceUpdateRequest& request, v1::SetSymmetricDifferenceUpdateReply&,
    Call& call) {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  return change(items_of(*other, Which::kIn, items_), items_of(*other, Which::kNotIn, items_),
                call);
}

absl::Status Set::change(const std::vector<Value>& gone, std::vector<Value> added, Call& call) {
  if (gone.empty() && added.empty()) return call.alters_nothing();
  if (!added.empty()) {
    absl::Status status = call.require_room(items_.size() - gone.size(), added.size());
    if (!status.ok()) return status;
  }
  for (const Value& item : gone) take(*items_.find(item), call);
  for (Value& item : added) put(std::move(item), call);
  return absl::OkStatus();
}

absl::Status Set::compare(const v1::SetCompareRequest& request, v1::SetCompareReply& reply,
                          Call& call) const {
  const absl::StatusOr<OrderedSet> other = read(request.items(), call);
  if (!other.ok()) return other.status();
  std::size_t common = 0;
  for_each(*other, Which::kIn, items_, [&](const Value&) { ++common; });
  reply.set_subset(common == items_.size());
  reply.set_superset(common == other->size());
  reply.set_disjoint(common == 0);
  reply.set_equal(reply.subset() && reply.superset());
  return absl::OkStatus();
}

}  // namespace mp::server
