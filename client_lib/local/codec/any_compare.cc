#include <cmath>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "mp/any.h"
#include "mp/errors.h"

namespace mp {

namespace {

using Number = std::variant<std::int64_t, std::uint64_t, double>;

// True is 1, as in Python.
std::optional<Number> number_of(const Any& any) {
  if (const auto* flag = any.get_if<bool>()) return Number(std::int64_t{*flag ? 1 : 0});
  if (const auto* number = any.get_if<std::int64_t>()) return Number(*number);
  if (const auto* number = any.get_if<std::uint64_t>()) return Number(*number);
  if (const auto* number = any.get_if<double>()) return Number(*number);
  return std::nullopt;
}

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

// The double as a whole number, if it is one.
std::optional<Number> whole_number_of(double number) {
  if (std::trunc(number) != number) return std::nullopt;  // also for NaN
  if (number >= -kTwoTo63 && number < kTwoTo63) return Number(static_cast<std::int64_t>(number));
  if (number >= kTwoTo63 && number < kTwoTo64) return Number(static_cast<std::uint64_t>(number));
  return std::nullopt;
}

std::partial_ordering compare_whole(auto left, auto right) {
  if (std::cmp_less(left, right)) return std::partial_ordering::less;
  if (std::cmp_less(right, left)) return std::partial_ordering::greater;
  return std::partial_ordering::equivalent;
}

// Exactly: a large whole number is not rounded to a double.
std::partial_ordering compare_mixed(auto whole, double floating) {
  if (std::isnan(floating)) return std::partial_ordering::unordered;
  if (floating >= kTwoTo64) return std::partial_ordering::less;
  if (floating < -kTwoTo63) return std::partial_ordering::greater;
  const double floor = std::floor(floating);
  const auto order = floor < 0 ? compare_whole(whole, static_cast<std::int64_t>(floor))
                               : compare_whole(whole, static_cast<std::uint64_t>(floor));
  const bool has_fraction = floor != floating;
  return order == 0 && has_fraction ? std::partial_ordering::less : order;
}

std::partial_ordering compare_numbers(const Number& left, const Number& right) {
  return std::visit(
      [](auto a, auto b) -> std::partial_ordering {
        constexpr bool kLeftFloats = std::same_as<decltype(a), double>;
        constexpr bool kRightFloats = std::same_as<decltype(b), double>;
        if constexpr (kLeftFloats && kRightFloats) {
          return a <=> b;
        } else if constexpr (kRightFloats) {
          return compare_mixed(a, b);
        } else if constexpr (kLeftFloats) {
          return 0 <=> compare_mixed(b, a);
        } else {
          return compare_whole(a, b);
        }
      },
      left, right);
}

bool same_items(const Any::Set& left, const Any::Set& right) {
  if (left.size() != right.size()) return false;
  for (const Any& item : left.items()) {
    if (!right.contains(item)) return false;
  }
  return true;
}

struct Equal {
  bool operator()(const Any::Tuple& a, const Any::Tuple& b) const { return a.items == b.items; }
  bool operator()(const Any::Set& a, const Any::Set& b) const { return same_items(a, b); }
  bool operator()(const Any::Array& a, const Any::Array& b) const {
    return a.typecode == b.typecode && a.data == b.data;
  }
  bool operator()(const Any::Record& a, const Any::Record& b) const {
    return a.type == b.type && a.fields == b.fields && a.data == b.data;
  }
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return a == b;
  }
};

std::partial_ordering compare_items(const Any::List& left, const Any::List& right) {
  const std::size_t both = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (left[i] != right[i]) return left[i] <=> right[i];
  }
  return left.size() <=> right.size();
}

bool includes(const Any::Set& larger, const Any::Set& smaller) {
  for (const Any& item : smaller.items()) {
    if (!larger.contains(item)) return false;
  }
  return true;
}

std::partial_ordering compare_sets(const Any::Set& left, const Any::Set& right) {
  const bool in_right = includes(right, left);
  const bool in_left = includes(left, right);
  if (in_right && in_left) return std::partial_ordering::equivalent;
  if (in_right) return std::partial_ordering::less;
  return in_left ? std::partial_ordering::greater : std::partial_ordering::unordered;
}

std::size_t combine(std::size_t seed, std::size_t hash) {
  return (seed ^ hash) * 0x9e3779b97f4a7c15U + (seed >> 29);
}

// Equal numbers have equal hashes, whatever their kind.
std::size_t hash_of_number(const Number& number) {
  if (const auto* floating = std::get_if<double>(&number)) {
    if (const auto whole = whole_number_of(*floating)) return hash_of_number(*whole);
    return std::hash<double>{}(*floating);
  }
  if (const auto* whole = std::get_if<std::int64_t>(&number)) {
    return std::hash<std::uint64_t>{}(static_cast<std::uint64_t>(*whole));
  }
  return std::hash<std::uint64_t>{}(std::get<std::uint64_t>(number));
}

}  // namespace

bool Any::equals(const Any& other) const {
  const auto left = number_of(*this);
  const auto right = number_of(other);
  if (left && right) return compare_numbers(*left, *right) == 0;
  if (kind() != other.kind()) return false;
  return visit([&](const auto& item) {
    return Equal{}(item, *other.get_if<std::remove_cvref_t<decltype(item)>>());
  });
}

std::partial_ordering Any::compare(const Any& other) const {
  const auto left = number_of(*this);
  const auto right = number_of(other);
  if (left && right) return compare_numbers(*left, *right);
  if (kind() == other.kind()) {
    if (const auto* text = get_if<std::string>()) return *text <=> *other.get_if<std::string>();
    if (const auto* bytes = get_if<Bytes>()) return *bytes <=> *other.get_if<Bytes>();
    if (const auto* list = get_if<List>()) return compare_items(*list, *other.get_if<List>());
    if (const auto* tuple = get_if<Tuple>()) {
      return compare_items(tuple->items, other.get_if<Tuple>()->items);
    }
    if (const auto* set = get_if<Set>()) return compare_sets(*set, *other.get_if<Set>());
  }
  throw TypeError("'<' not supported between '" + std::string(name_of(kind())) + "' and '" +
                  std::string(name_of(other.kind())) + "'");
}

std::size_t Any::hash() const {
  if (const auto number = number_of(*this)) return hash_of_number(*number);
  const auto seed = static_cast<std::size_t>(kind());
  if (is_none()) return combine(seed, 0);
  if (const auto* text = get_if<std::string>()) return std::hash<std::string>{}(*text);
  if (const auto* bytes = get_if<Bytes>()) return combine(seed, std::hash<Bytes>{}(*bytes));
  if (const auto* ref = get_if<ObjectRef>()) return combine(seed, ref->id());
  std::size_t hash = seed;
  if (const auto* tuple = get_if<Tuple>()) {
    for (const Any& item : tuple->items) hash = combine(hash, item.hash());
    return hash;
  }
  if (const auto* record = get_if<Record>()) {
    hash = combine(hash, std::hash<std::string>{}(record->type));
    for (const auto& field : record->fields) hash = combine(hash, field.second.hash());
    return combine(hash, std::hash<Bytes>{}(record->data));
  }
  throw TypeError("unhashable type: '" + std::string(name_of(kind())) + "'");
}

namespace internal {

std::size_t hash_of_key(const Any& key) { return key.hash(); }

bool same_key(const Any& left, const Any& right) {
  if (left.kind() != right.kind()) return false;
  const auto* tuple = left.get_if<Any::Tuple>();
  if (tuple == nullptr) return left == right;
  const Any::List& others = right.get_if<Any::Tuple>()->items;
  return std::equal(tuple->items.begin(), tuple->items.end(), others.begin(), others.end(),
                    same_key);
}

}  // namespace internal

}  // namespace mp
