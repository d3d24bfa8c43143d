#pragma once

#include <memory>
#include <span>

#include "mp/v1/shared_value.pb.h"
#include "server/objects/number_type.h"
#include "server/objects/operations.h"
#include "server/objects/with_lock.h"

namespace mp::server {

// A number of a type that never changes.
class SharedValue final : public WithLock {
 public:
  static absl::StatusOr<std::unique_ptr<SharedValue>> create(const v1::SharedValueCreateRequest&,
                                                             const ObjectLimits&);
  static std::span<const Operation> operations();

  SharedValue(NumberType type, const PackedNumber& number)
      : WithLock(Kind::kSharedValue), type_(type), number_(number) {}

  // WRONG_KIND unless it asks for this type.
  absl::Status require_match(const v1::SharedValueCreateRequest&) const;

  absl::Status get(const v1::SharedValueGetRequest&, v1::SharedValueGetReply&, Call&) const;
  absl::Status set(const v1::SharedValueSetRequest&, v1::SharedValueSetReply&, Call&);
  absl::Status update(const v1::SharedValueUpdateRequest&, v1::SharedValueUpdateReply&, Call&);
  absl::Status compare_exchange(const v1::SharedValueCompareExchangeRequest&,
                                v1::SharedValueCompareExchangeReply&, Call&);

  // Of plain requests.
  absl::Status get_plain(std::span<Value>, PlainReply&, Call&) const;
  absl::Status set_plain(std::span<Value> value, PlainReply&, Call&);
  absl::Status update_plain(std::span<Value> change, PlainReply&, Call&);

  std::uint64_t length() const override { return 1; }
  std::size_t heap_bytes() const override { return 0; }
  void visit_refs(const std::function<void(std::uint64_t)>&) const override {}

 private:
  absl::StatusOr<PackedNumber> read(const v1::Value& wire, const Call& call) const;
  // What changes the number changes it through this.
  void put(const PackedNumber& number, Call& call);

  const NumberType type_;
  PackedNumber number_;
};

}  // namespace mp::server
