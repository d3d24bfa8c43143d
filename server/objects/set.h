#pragma once

#include <memory>
#include <span>

#include "mp/v1/set.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/ordered_set.h"

namespace mp::server {

// A set in order of insertion. It has no waiters: every operation is done at once.
//
// What its algebra makes keeps that order too: first the set's own items, then those of the
// request, in the order of the request.
//
// Invariant: items are hashable, not NaN, and -0.0 is 0.0; int, float and bool items are distinct.
// An operation that fails has changed nothing.
class Set final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Set>> create(const v1::SetCreateRequest&,
                                                     const ObjectLimits&);
  static std::span<const Operation> operations();

  Set() : Object(Kind::kSet) {}

  absl::Status add(const v1::SetAddRequest&, v1::SetAddReply&, Call&);
  absl::Status discard(const v1::SetDiscardRequest&, v1::SetDiscardReply&, Call&);
  absl::Status remove(const v1::SetRemoveRequest&, v1::SetRemoveReply&, Call&);
  absl::Status pop(const v1::SetPopRequest&, v1::SetPopReply&, Call&);
  absl::Status contains(const v1::SetContainsRequest&, v1::SetContainsReply&, Call&) const;
  absl::Status size(const v1::SetLengthRequest&, v1::SetLengthReply&, Call&) const;
  absl::Status clear(const v1::SetClearRequest&, v1::SetClearReply&, Call&);
  absl::Status items(const v1::SetItemsRequest&, v1::SetItemsReply&, Call&) const;
  absl::Status scan(const v1::SetScanRequest&, v1::SetScanReply&, Call&) const;

  absl::Status union_with(const v1::SetUnionRequest&, v1::SetUnionReply&, Call&) const;
  absl::Status intersection(const v1::SetIntersectionRequest&, v1::SetIntersectionReply&,
                            Call&) const;
  absl::Status difference(const v1::SetDifferenceRequest&, v1::SetDifferenceReply&, Call&) const;
  absl::Status symmetric_difference(const v1::SetSymmetricDifferenceRequest&,
                                    v1::SetSymmetricDifferenceReply&, Call&) const;
  absl::Status update(const v1::SetUpdateRequest&, v1::SetUpdateReply&, Call&);
  absl::Status intersection_update(const v1::SetIntersectionUpdateRequest&,
                                   v1::SetIntersectionUpdateReply&, Call&);
  absl::Status difference_update(const v1::SetDifferenceUpdateRequest&,
                                 v1::SetDifferenceUpdateReply&, Call&);
  absl::Status symmetric_difference_update(const v1::SetSymmetricDifferenceUpdateRequest&,
                                           v1::SetSymmetricDifferenceUpdateReply&, Call&);
  absl::Status compare(const v1::SetCompareRequest&, v1::SetCompareReply&, Call&) const;

  // Of plain requests.
  absl::Status add_plain(std::span<Value> item, PlainReply&, Call&);
  absl::Status discard_plain(std::span<Value> item, PlainReply&, Call&);
  absl::Status contains_plain(std::span<Value> item, PlainReply&, Call&) const;

  void tidy() override { items_.compact_if_sparse(); }
  void dissolve(const absl::Status&, Step&) override {}
  void be_hosted_as(std::uint64_t id) override { id_ = id; }
  std::uint64_t length() const override { return items_.size(); }
  std::size_t heap_bytes() const override { return items_.heap_bytes(); }
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  using Position = OrderedSet::Position;

  // Was it added? Was it there?
  absl::StatusOr<bool> add_item(Value item, Call& call);
  bool discard_item(const Value& item, Call& call);

  // What changes the set changes it through these, which know how to undo themselves.
  void put(Value item, Call& call);  // that is not in the set; there must be room for it
  Value take(Position at, Call& call);
  // Takes the items `gone`, which are in the set, and puts those `added`, which are not: all of it,
  // or LIMIT_EXCEEDED.
  absl::Status change(const std::vector<Value>& gone, std::vector<Value> added, Call& call);

  OrderedSet items_;
  std::uint64_t id_ = 0;
};

}  // namespace mp::server
