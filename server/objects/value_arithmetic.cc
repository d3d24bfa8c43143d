#include <cmath>
#include <limits>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "server/objects/value.h"

// How values compare and add up, as Python's do.

namespace mp::server {
namespace {

using Type = Value::Type;

// Every 64-bit integer and every double is exact in it, on x86-64 (64-bit mantissa) and AArch64
// (113).
using Exact = long double;
static_assert(std::numeric_limits<Exact>::digits >= 64);

Exact exact(const Value& number) {
  switch (number.type()) {
    case Type::kBool:
      return number.as_bool() ? 1 : 0;
    case Type::kUint:
      return static_cast<Exact>(number.as_uint());
    case Type::kFloat:
      return number.as_float();
    default:
      return static_cast<Exact>(number.as_int());
  }
}

bool equal_sequences(const std::vector<Value>& a, const std::vector<Value>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal(a[i], b[i])) return false;
  }
  return true;
}

// Order does not count. `stride` is 2 for dicts (key, value …) and 1 for sets.
bool equal_unordered(const std::vector<Value>& a, const std::vector<Value>& b, std::size_t stride) {
  if (a.size() != b.size()) return false;
  std::unordered_multimap<std::uint64_t, std::size_t> index;
  for (std::size_t i = 0; i < b.size(); i += stride) index.emplace(b[i].hash(), i);
  for (std::size_t i = 0; i < a.size(); i += stride) {
    auto [at, end] = index.equal_range(a[i].hash());
    while (at != end && !same_key(a[i], b[at->second])) ++at;
    if (at == end) return false;
    if (stride == 2 && !equal(a[i + 1], b[at->second + 1])) return false;
  }
  return true;
}

absl::Status no_order(const Value& a, const Value& b) {
  return error(v1::TYPE_ERROR,
               absl::StrCat("'<' not supported between instances of '", std::string(a.type_name()),
                            "' and '", std::string(b.type_name()), "'"));
}

absl::StatusOr<bool> less_sequences(const Value& a, const Value& b) {
  const auto& x = a.items().items;
  const auto& y = b.items().items;
  for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
    if (!equal(x[i], y[i])) return less(x[i], y[i]);
  }
  return x.size() < y.size();
}

absl::StatusOr<Value> sum_of_integers(const Value& a, const Value& b) {
  // 128 bits hold every sum of two 64-bit numbers.
  __extension__ using Wide = __int128;
  const auto wide = [](const Value& v) {
    return v.type() == Type::kUint   ? static_cast<Wide>(v.as_uint())
           : v.type() == Type::kBool ? static_cast<Wide>(v.as_bool() ? 1 : 0)
                                     : static_cast<Wide>(v.as_int());
  };
  const Wide total = wide(a) + wide(b);
  if (total > static_cast<Wide>(UINT64_MAX) || total < static_cast<Wide>(INT64_MIN)) {
    return error(v1::VALUE_ERROR, absl::StrCat("the sum of ", brief(a), " and ", brief(b),
                                               " does not fit into 64 bits"));
  }
  return total < 0 ? Value::integer(static_cast<std::int64_t>(total))
                   : Value::uint(static_cast<std::uint64_t>(total));
}

// a + b of one type that is written in a row.
Value joined(const Value& a, const Value& b) {
  if (a.type() == Type::kList || a.type() == Type::kTuple) {
    Value::Items items;
    items.items.reserve(a.items().items.size() + b.items().items.size());
    items.items = a.items().items;
    items.items.insert(items.items.end(), b.items().items.begin(), b.items().items.end());
    return Value::composite(a.type(), std::move(items));
  }
  const std::string text = std::string(a.text()).append(b.text());
  return a.type() == Type::kStr ? Value::str(text) : Value::bytes(text);
}

}  // namespace

bool equal(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return exact(a) == exact(b);
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case Type::kList:
    case Type::kTuple:
      return equal_sequences(a.items().items, b.items().items);
    case Type::kRecord:
      return a.items().type == b.items().type && a.items().data == b.items().data &&
             equal_sequences(a.items().items, b.items().items);
    case Type::kDict:
      return equal_unordered(a.items().items, b.items().items, 2);
    case Type::kSet:
      return equal_unordered(a.items().items, b.items().items, 1);
    default:
      return same_key(a, b);
  }
}

absl::StatusOr<bool> less(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return exact(a) < exact(b);
  if (a.type() != b.type()) return no_order(a, b);
  switch (a.type()) {
    case Type::kStr:
    case Type::kBytes:
      return a.text() < b.text();  // UTF-8 orders as its code points do
    case Type::kList:
    case Type::kTuple:
      return less_sequences(a, b);
    default:
      return no_order(a, b);
  }
}

absl::StatusOr<Value> sum(const Value& a, const Value& b, const ObjectLimits& limits) {
  if (a.is_number() && b.is_number()) {
    if (a.type() != Type::kFloat && b.type() != Type::kFloat) return sum_of_integers(a, b);
    return Value::real(static_cast<double>(exact(a)) + static_cast<double>(exact(b)));
  }
  const bool from_zero = !a.present();
  if (from_zero && b.is_number()) return sum(Value::integer(0), b, limits);
  if (b.type() == Type::kStr || b.type() == Type::kBytes || b.type() == Type::kList ||
      b.type() == Type::kTuple) {
    if (from_zero) return b;
    if (a.type() == b.type()) {
      const std::uint64_t bytes = a.counted_bytes() + b.counted_bytes();
      if (bytes > limits.max_bytes) return too_large(limits);
      return joined(a, b);
    }
  }
  return error(v1::TYPE_ERROR,
               absl::StrCat("unsupported operand types for +: '", std::string(a.type_name()),
                            "' and '", std::string(b.type_name()), "'"));
}

}  // namespace mp::server
