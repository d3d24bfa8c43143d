#pragma once

#include <memory>
#include <span>
#include <vector>

#include "mp/v1/list.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"

namespace mp::server {

// A list with Python's indexes and slices (slice.h). It has no waiters: every operation is done at
// once.
//
// Invariant: every item is present. An operation that fails has changed nothing.
class List final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<List>> create(const v1::ListCreateRequest&,
                                                      const ObjectLimits&);
  static std::span<const Operation> operations();

  List() : Object(Kind::kList) {}

  absl::Status get(const v1::ListGetRequest&, v1::ListGetReply&, Call&) const;
  absl::Status set(const v1::ListSetRequest&, v1::ListSetReply&, Call&);
  absl::Status erase(const v1::ListDeleteRequest&, v1::ListDeleteReply&, Call&);
  absl::Status get_slice(const v1::ListGetSliceRequest&, v1::ListGetSliceReply&, Call&) const;
  absl::Status set_slice(const v1::ListSetSliceRequest&, v1::ListSetSliceReply&, Call&);
  absl::Status erase_slice(const v1::ListDeleteSliceRequest&, v1::ListDeleteSliceReply&, Call&);
  absl::Status append(const v1::ListAppendRequest&, v1::ListAppendReply&, Call&);
  absl::Status extend(const v1::ListExtendRequest&, v1::ListExtendReply&, Call&);
  absl::Status insert(const v1::ListInsertRequest&, v1::ListInsertReply&, Call&);
  absl::Status pop(const v1::ListPopRequest&, v1::ListPopReply&, Call&);
  absl::Status remove(const v1::ListRemoveRequest&, v1::ListRemoveReply&, Call&);
  absl::Status index(const v1::ListIndexRequest&, v1::ListIndexReply&, Call&) const;
  absl::Status count(const v1::ListCountRequest&, v1::ListCountReply&, Call&) const;
  absl::Status contains(const v1::ListContainsRequest&, v1::ListContainsReply&, Call&) const;
  absl::Status size(const v1::ListLengthRequest&, v1::ListLengthReply&, Call&) const;
  absl::Status clear(const v1::ListClearRequest&, v1::ListClearReply&, Call&);
  absl::Status reverse(const v1::ListReverseRequest&, v1::ListReverseReply&, Call&);
  absl::Status sort(const v1::ListSortRequest&, v1::ListSortReply&, Call&);
  absl::Status repeat(const v1::ListRepeatRequest&, v1::ListRepeatReply&, Call&);
  absl::Status add(const v1::ListAddRequest&, v1::ListAddReply&, Call&);
  absl::Status compare_exchange(const v1::ListCompareExchangeRequest&,
                                v1::ListCompareExchangeReply&, Call&);
  absl::Status update_if(const v1::ListUpdateIfRequest&, v1::ListUpdateIfReply&, Call&);

  // Of plain requests.
  absl::Status get_plain(std::span<Value> index, PlainReply&, Call&) const;
  absl::Status set_plain(std::span<Value> item, PlainReply&, Call&);
  absl::Status append_plain(std::span<Value> value, PlainReply&, Call&);

  void dissolve(const absl::Status&, Step&) override {}
  std::uint64_t length() const override { return items_.size(); }
  std::size_t heap_bytes() const override;
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  using Values = std::vector<Value>;

  absl::Status set_at(std::int64_t index, Value value, Call& call);
  absl::Status append_value(Value value, Call& call);

  // All values, checked before the first is used.
  static absl::StatusOr<Values> read(const google::protobuf::RepeatedPtrField<v1::Value>& wire,
                                     const ObjectLimits& limits);
  absl::StatusOr<std::size_t> require(std::int64_t index) const;
  // The first place in [first, last) whose item equals `value`; none if no such item is there.
  std::optional<std::size_t> find(const Value& value, std::size_t first, std::size_t last) const;

  // What changes the list changes it through these, which know how to undo themselves.
  Value exchange(std::size_t at, Value value, Call& call);
  Value take(std::size_t at, Call& call);
  // Puts `values` in the place of the `count` items from `at` on.
  void replace(std::size_t at, std::size_t count, Values values, Call& call);
  // Puts `items` in the place of all.
  void replace_all(Values items, Call& call);

  void splice(std::size_t at, std::size_t count, Values values);
  // Gives memory back once most of it is unused.
  void trim();

  Values::iterator place(std::size_t at) {
    return items_.begin() + static_cast<std::ptrdiff_t>(at);
  }

  Values items_;
};

}  // namespace mp::server
