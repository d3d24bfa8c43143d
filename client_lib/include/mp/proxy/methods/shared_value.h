#pragma once

#include <cstdint>

#include "mp/proxy/methods/shared_number.h"

namespace mp::internal {

inline constexpr NumberOperations kValueOperations{
    .set = wire::Operation::kSharedValueSet,
    .update = wire::Operation::kSharedValueUpdate,
    .compare_exchange = wire::Operation::kSharedValueCompareExchange};

// The methods of a ValueProxy (which has their common rules) and of its async() view, whose results
// are futures. Those that write are SharedNumberMethods'.
template <SharedNumber T, class Call>
class ValueMethods : public SharedNumberMethods<T, Call, kValueOperations> {
 protected:
  using Base = SharedNumberMethods<T, Call, kValueOperations>;
  using Base::ask;
  using typename Base::Operation;
  template <class R>
  using Result = typename Base::template Result<R>;

  static constexpr std::uint32_t kCurrent = 1;  // of the reply to get()

 public:
  using Base::Base;

  // Python: v.value, v.get().
  Result<T> get() const { return ask(Operation::kSharedValueGet, decode_number<T, kCurrent>); }
  Result<T> value() const { return get(); }
};

}  // namespace mp::internal
