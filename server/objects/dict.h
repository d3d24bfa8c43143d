#pragma once

#include <memory>
#include <span>

#include "mp/v1/dict.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/undoable_map.h"

namespace mp::server {

// A dict in order of insertion. It has no waiters: every operation is done at once.
//
// Invariant: keys are hashable, not NaN, and -0.0 is 0.0; int, float and bool keys are distinct.
class Dict final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Dict>> create(const v1::DictCreateRequest&,
                                                      const ObjectLimits&);
  static std::span<const Operation> operations();

  Dict() : Object(Kind::kDict) {}

  absl::Status get(const v1::DictGetRequest&, v1::DictGetReply&, Call&) const;
  absl::Status set(const v1::DictSetRequest&, v1::DictSetReply&, Call&);
  absl::Status erase(const v1::DictDeleteRequest&, v1::DictDeleteReply&, Call&);
  absl::Status contains(const v1::DictContainsRequest&, v1::DictContainsReply&, Call&) const;
  absl::Status size(const v1::DictLengthRequest&, v1::DictLengthReply&, Call&) const;
  absl::Status clear(const v1::DictClearRequest&, v1::DictClearReply&, Call&);
  absl::Status items(const v1::DictItemsRequest&, v1::DictItemsReply&, Call&) const;
  absl::Status keys(const v1::DictKeysRequest&, v1::DictKeysReply&, Call&) const;
  absl::Status values(const v1::DictValuesRequest&, v1::DictValuesReply&, Call&) const;
  absl::Status pop(const v1::DictPopRequest&, v1::DictPopReply&, Call&);
  absl::Status pop_item(const v1::DictPopItemRequest&, v1::DictPopItemReply&, Call&);
  absl::Status set_default(const v1::DictSetDefaultRequest&, v1::DictSetDefaultReply&, Call&);
  absl::Status update(const v1::DictUpdateRequest&, v1::DictUpdateReply&, Call&);
  absl::Status add(const v1::DictAddRequest&, v1::DictAddReply&, Call&);
  absl::Status compare_exchange(const v1::DictCompareExchangeRequest&,
                                v1::DictCompareExchangeReply&, Call&);
  absl::Status update_if(const v1::DictUpdateIfRequest&, v1::DictUpdateIfReply&, Call&);
  absl::Status get_many(const v1::DictGetManyRequest&, v1::DictGetManyReply&, Call&) const;
  absl::Status erase_many(const v1::DictDeleteManyRequest&, v1::DictDeleteManyReply&, Call&);
  absl::Status scan(const v1::DictScanRequest&, v1::DictScanReply&, Call&) const;

  // Of plain requests.
  absl::Status get_plain(std::span<Value> key, PlainReply&, Call&) const;
  absl::Status set_plain(std::span<Value> entry, PlainReply&, Call&);
  absl::Status add_plain(std::span<Value> entry, PlainReply&, Call&);

  void be_hosted_as(std::uint64_t id) override { id_ = id; }
  void tidy() override { map_.tidy(); }
  void dissolve(const absl::Status&, Step&) override {}
  std::uint64_t length() const override { return map_->size(); }
  std::size_t heap_bytes() const override { return map_->heap_bytes(); }
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  using Position = OrderedMap::Position;

  absl::StatusOr<Position> require(const Value& key) const;

  UndoableMap map_;
  std::uint64_t id_ = 0;
};

}  // namespace mp::server
