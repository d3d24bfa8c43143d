#include "server/objects/number_type.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

// Holds every 64-bit number, and what two of them give.
__extension__ using Integer = __int128;

// What numbers of type T are computed in.
template <class T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, double, Integer>;

// Calls `use` with a number of the C++ type that this letter names.
template <class Use>
auto with_type(char code, Use use) {
  switch (code) {
    case '?':
      return use(bool{});
    case 'b':
      return use(std::int8_t{});
    case 'B':
      return use(std::uint8_t{});
    case 'h':
      return use(std::int16_t{});
    case 'H':
      return use(std::uint16_t{});
    case 'i':
      return use(std::int32_t{});
    case 'I':
      return use(std::uint32_t{});
    case 'q':
      return use(std::int64_t{});
    case 'Q':
      return use(std::uint64_t{});
    case 'f':
      return use(float{});
    default:
      return use(double{});
  }
}

template <class T>
T load(const PackedNumber& packed) {
  T number;
  std::memcpy(&number, packed.data(), sizeof number);
  return number;
}

template <class T>
PackedNumber store(T number) {
  PackedNumber packed{};
  std::memcpy(packed.data(), &number, sizeof number);
  return packed;
}

// None if `value` is not of the sort.
template <class To>
std::optional<To> widened(const Value& value) {
  switch (value.type()) {
    case Value::Type::kBool:
      return static_cast<To>(value.as_bool() ? 1 : 0);
    case Value::Type::kInt:
      return static_cast<To>(value.as_int());
    case Value::Type::kUint:
      return static_cast<To>(value.as_uint());
    case Value::Type::kFloat:
      if constexpr (std::is_floating_point_v<To>) return value.as_float();
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

template <class T>
bool fits(Wide<T> number) {
  if constexpr (std::is_same_v<T, double>) {
    return true;
  } else if constexpr (std::is_same_v<T, float>) {
    constexpr double kRoundsToInfinity = 0x1.ffffffp127;
    return !std::isfinite(number) || std::abs(number) < kRoundsToInfinity;
  } else {
    return number >= static_cast<Integer>(std::numeric_limits<T>::min()) &&
           number <= static_cast<Integer>(std::numeric_limits<T>::max());
  }
}

// None if numbers of this sort have no such operation.
template <class T>
std::optional<T> compute(v1::Arithmetic operation, T a, T b) {
  switch (operation) {
    case v1::ADD:
      return a + b;
    case v1::SUBTRACT:
      return a - b;
    case v1::MIN:
      return std::min(a, b);
    case v1::MAX:
      return std::max(a, b);
    default:
      break;
  }
  if constexpr (!std::is_floating_point_v<T>) {
    switch (operation) {
      case v1::AND:
        return a & b;
      case v1::OR:
        return a | b;
      case v1::XOR:
        return a ^ b;
      default:
        break;
    }
  }
  return std::nullopt;
}

absl::Status wrong_sort(const Value& value, char code) {
  const bool is_float = code == 'f' || code == 'd';
  return error(v1::TYPE_ERROR,
               absl::StrCat("'", std::string(value.type_name()), "' where type '",
                            std::string(1, code), "' takes ", is_float ? "a number" : "an int"));
}

absl::Status out_of_range(std::string_view what, char code) {
  return error(v1::OVERFLOW_ERROR, absl::StrCat(std::string(what), " does not fit into type '",
                                                std::string(1, code), "'"));
}

}  // namespace

absl::StatusOr<NumberType> NumberType::named(std::string_view typecode) {
  if (const auto type = find(typecode)) return *type;
  return error(v1::VALUE_ERROR, absl::StrCat("no type of number is called '", std::string(typecode),
                                             "'; there are ? b B h H i I l L q Q f d"));
}

absl::StatusOr<PackedNumber> NumberType::pack(const Value& number) const {
  return with_type(code_, [&]<class T>(T) -> absl::StatusOr<PackedNumber> {
    const std::optional<Wide<T>> wide = widened<Wide<T>>(number);
    if (!wide) return wrong_sort(number, code_);
    if (!fits<T>(*wide)) return out_of_range(brief(number), code_);
    return store(static_cast<T>(*wide));
  });
}

Value NumberType::unpack(const PackedNumber& number) const {
  return with_type(code_, [&]<class T>(T) {
    const T value = load<T>(number);
    if constexpr (std::is_same_v<T, bool>) {
      return Value::boolean(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return Value::real(value);
    } else if constexpr (std::is_signed_v<T>) {
      return Value::integer(value);
    } else {
      return Value::uint(value);
    }
  });
}

absl::StatusOr<PackedNumber> NumberType::apply(v1::Arithmetic operation, const PackedNumber& number,
                                               const Value& operand) const {
  if (operation == v1::ARITHMETIC_UNSPECIFIED || !v1::Arithmetic_IsValid(operation)) {
    return error(v1::VALUE_ERROR,
                 absl::StrCat("there is no operation ", static_cast<int>(operation),
                              "; there are ADD SUBTRACT MIN MAX AND OR XOR"));
  }
  return with_type(code_, [&]<class T>(T) -> absl::StatusOr<PackedNumber> {
    const std::optional<Wide<T>> right = widened<Wide<T>>(operand);
    if (!right) return wrong_sort(operand, code_);
    const auto result = compute(operation, static_cast<Wide<T>>(load<T>(number)), *right);
    if (!result) {
      return error(v1::TYPE_ERROR, absl::StrCat("type '", std::string(1, code_), "' has no ",
                                                v1::Arithmetic_Name(operation)));
    }
    if (!fits<T>(*result)) {
      return out_of_range(absl::StrCat(v1::Arithmetic_Name(operation), " of ",
                                       brief(unpack(number)), " and ", brief(operand)),
                          code_);
    }
    return store(static_cast<T>(*result));
  });
}

bool NumberType::same(const PackedNumber& a, const PackedNumber& b) const {
  return with_type(code_, [&]<class T>(T) {
    const T x = load<T>(a);
    const T y = load<T>(b);
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(x) && std::isnan(y)) return true;
    }
    return x == y;
  });
}

}  // namespace mp::server
