#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mp/v1/value.pb.h"
#include "server/objects/kind.h"

namespace mp::server {

// How deep and how large one value may be, and how many items one object may hold.
struct ObjectLimits {
  std::uint32_t max_depth = 64;
  std::uint64_t max_bytes = 64ULL << 20U;
  std::uint64_t max_items = 100'000'000;
  // Of the events that are kept for the watches of one object.
  std::uint64_t max_watch_events = 10'000;
  std::uint64_t max_watch_bytes = 16ULL << 20U;
};

// A value as objects hold it: 16 bytes, numbers and strings of up to 14 bytes inline, everything
// else in an immutable block that copies share.
//
// Invariant: what is stored is well formed: strings are UTF-8 (protobuf's parser lets no other in),
// keys are hashable and not NaN, a Uint is above 2^63 - 1. Only from_wire() and plain requests
// (plain.h) let values in, and they check.
class Value {
 public:
  enum class Type : std::uint8_t {
    kAbsent,  // no value at all: a hole in a table, an argument not given
    kNone,
    kBool,
    kInt,
    kUint,
    kFloat,
    kStr,
    kBytes,
    kList,
    kTuple,
    kDict,
    kSet,
    kRef,
    kArray,
    kRecord,
  };

  // What lists, tuples, dicts (key, value, key, value …), sets and records (name, value …) share.
  struct Items {
    std::string type;  // of a record
    std::string data;  // of a foreign record: its bytes
    std::vector<Value> items;
    bool has_refs = false;
  };

  Value() = default;  // absent
  static Value none();
  static Value boolean(bool b);
  static Value integer(std::int64_t i);
  static Value uint(std::uint64_t u);  // becomes an Int where it fits
  static Value real(double d);
  static Value str(std::string_view text);
  static Value bytes(std::string_view data);
  static Value array(char typecode, std::string_view data);
  static Value ref(std::uint64_t id, Kind kind);
  static Value composite(Type type, Items items);

  Value(const Value& other) noexcept;
  Value(Value&& other) noexcept : data_(other.data_) { other.data_.fill(0); }
  Value& operator=(const Value& other) noexcept;
  Value& operator=(Value&& other) noexcept;
  ~Value();

  // Errors: BAD_COMMAND if `wire` has no kind set or is malformed, TYPE_ERROR for an unhashable
  // key, VALUE_ERROR for NaN as a key, LIMIT_EXCEEDED past `limits`.
  static absl::StatusOr<Value> from_wire(const v1::Value& wire, const ObjectLimits& limits);
  // The same, for a value that shall be a key: -0.0 becomes 0.0.
  static absl::StatusOr<Value> key_from_wire(const v1::Value& wire, const ObjectLimits& limits);
  void to_wire(v1::Value* wire) const;

  Type type() const { return static_cast<Type>(data_[0]); }
  bool present() const { return type() != Type::kAbsent; }
  std::int64_t as_int() const { return word<std::int64_t>(); }
  std::uint64_t as_uint() const { return word<std::uint64_t>(); }
  double as_float() const { return word<double>(); }
  bool as_bool() const { return word<std::uint64_t>() != 0; }
  std::uint64_t ref_id() const { return word<std::uint64_t>(); }
  Kind ref_kind() const { return static_cast<Kind>(data_[1]); }
  std::string_view text() const;  // of str and bytes, and of an array's data
  char typecode() const { return static_cast<char>(data_[2]); }
  const Items& items() const;  // of composites
  bool is_number() const { return type() >= Type::kBool && type() <= Type::kFloat; }
  bool has_refs() const;
  // Calls `visit` with the id of every reference inside.
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const;
  // What of this value counts against ObjectLimits::max_bytes: text, and 16 for each item.
  std::uint64_t counted_bytes() const;
  // Bytes that this value takes on the heap, beside its own 16.
  std::size_t heap_bytes() const;

  // Equal as keys: of one type and equal; int, float and bool are distinct.
  friend bool same_key(const Value& a, const Value& b);
  // Equal as Python's ==: numbers by value whatever their type.
  friend bool equal(const Value& a, const Value& b);
  std::uint64_t hash() const;
  // TYPE_ERROR if the value, or one inside it, can't be a key; VALUE_ERROR for NaN.
  absl::Status check_key() const;

  // "int", "str", … as Python's users know the types.
  std::string_view type_name() const;

 private:
  struct Block;
  struct TextBlock;
  struct CompositeBlock;

  template <class T>
  T word() const {
    T value;
    std::memcpy(&value, data_.data() + 8, sizeof value);
    return value;
  }
  template <class T>
  static Value scalar(Type type, T value);
  static Value text_of(Type type, std::string_view text);
  static Value on_block(Type type, Block* block);
  bool on_heap() const;
  Block* block() const { return word<Block*>(); }

  // [0] type; [1] size of inline text, kOnHeap, or the kind of a reference; [2…15] inline text, or
  // from [8] a word.
  alignas(8) std::array<unsigned char, 16> data_{};
};
static_assert(sizeof(Value) == 16);

// a < b as Python orders them: numbers by value, str, bytes, and lists and tuples item by item.
// TYPE_ERROR where Python has no order.
absl::StatusOr<bool> less(const Value& a, const Value& b);

// a + b as Python's +: numbers (int + int that leaves 64 bits: VALUE_ERROR), str, bytes, list,
// tuple. An absent `a` is the zero of b's type. LIMIT_EXCEEDED if the sum would be larger than a
// value may be.
absl::StatusOr<Value> sum(const Value& a, const Value& b, const ObjectLimits& limits);

// LIMIT_EXCEEDED: a value would be larger than `limits` allows.
absl::Status too_large(const ObjectLimits& limits);

// A short text for error messages and administration: 'alice', 42, [3 items].
std::string brief(const Value& value);

}  // namespace mp::server
