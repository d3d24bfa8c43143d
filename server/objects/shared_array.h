#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "mp/v1/shared_array.pb.h"
#include "server/objects/number_type.h"
#include "server/objects/operations.h"
#include "server/objects/slice.h"
#include "server/objects/with_lock.h"

namespace mp::server {

// Numbers of one type, in a row of fixed length.
//
// Invariant: the data is whole numbers, and its size never changes.
class SharedArray final : public WithLock {
 public:
  // LIMIT_EXCEEDED if it would have more items, or bytes, than an object or a value may have.
  static absl::StatusOr<std::unique_ptr<SharedArray>> create(const v1::SharedArrayCreateRequest&,
                                                             const ObjectLimits&);
  static std::uint64_t bytes_of(const v1::SharedArrayCreateRequest&);
  static std::span<const Operation> operations();

  SharedArray(NumberType type, std::string data)
      : WithLock(Kind::kSharedArray), type_(type), data_(std::move(data)) {}

  // WRONG_KIND unless it asks for this type and, where it says one, this length.
  absl::Status require_match(const v1::SharedArrayCreateRequest&) const;

  absl::Status size(const v1::SharedArrayLengthRequest&, v1::SharedArrayLengthReply&, Call&) const;
  absl::Status get(const v1::SharedArrayGetRequest&, v1::SharedArrayGetReply&, Call&) const;
  absl::Status set(const v1::SharedArraySetRequest&, v1::SharedArraySetReply&, Call&);
  absl::Status update(const v1::SharedArrayUpdateRequest&, v1::SharedArrayUpdateReply&, Call&);
  absl::Status compare_exchange(const v1::SharedArrayCompareExchangeRequest&,
                                v1::SharedArrayCompareExchangeReply&, Call&);
  absl::Status get_slice(const v1::SharedArrayGetSliceRequest&, v1::SharedArrayGetSliceReply&,
                         Call&) const;
  absl::Status set_slice(const v1::SharedArraySetSliceRequest&, v1::SharedArraySetSliceReply&,
                         Call&);

  // Of plain requests.
  absl::Status get_plain(std::span<Value> index, PlainReply&, Call&) const;
  absl::Status set_plain(std::span<Value> item, PlainReply&, Call&);
  absl::Status update_plain(std::span<Value> change, PlainReply&, Call&);

  std::uint64_t length() const override { return count(); }
  std::size_t heap_bytes() const override;
  void visit_refs(const std::function<void(std::uint64_t)>&) const override {}

 private:
  std::size_t count() const { return data_.size() / type_.size(); }
  absl::StatusOr<std::size_t> require(std::int64_t index) const;
  absl::StatusOr<PackedNumber> read(const v1::Value& wire, const Call& call) const;

  PackedNumber number_at(std::size_t place) const;
  Value value_at(std::size_t place) const { return type_.unpack(number_at(place)); }
  void store(std::size_t place, const PackedNumber& number);
  // The numbers of a range, packed; and the other way round.
  void gather(const SliceRange& range, std::string& packed) const;
  void scatter(const SliceRange& range, std::string_view packed);

  // What changes the array changes it through these, which know how to undo themselves.
  void put(std::size_t place, const PackedNumber& number, Call& call);
  void put(const SliceRange& range, std::string_view packed, Call& call);

  const NumberType type_;
  std::string data_;
};

}  // namespace mp::server
