#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mp/codec/concepts.h"

namespace mp::internal {

// Reads what a PlainSink wrote (the format is said there): a ValueSource. The bytes must outlive
// it.
//
// Errors: ValueError for bytes that are no value: cut off, of no known kind, nested too deeply.
class PlainSource {
 public:
  class Items;
  class Entries;
  class Record;

  PlainSource() = default;
  explicit PlainSource(std::string_view bytes) : rest_(bytes) {}

  ValueKind kind() const;

  void none() { expect(ValueKind::kNone); }
  bool boolean() { return expect(ValueKind::kBool) != 0; }
  std::int64_t integer() {
    const std::uint64_t number = expect(ValueKind::kInt);
    return static_cast<std::int64_t>((number >> 1U) ^ (~(number & 1U) + 1U));
  }
  std::uint64_t unsigned_integer() { return expect(ValueKind::kUint); }
  double floating();
  std::string_view text() { return take(expect(ValueKind::kStr)); }
  std::string_view bytes() { return take(expect(ValueKind::kBytes)); }
  ObjectRef reference();
  ArrayView array();
  Items items();
  Entries entries();
  Record record();

  // The memory of a list of numbers of this type, if that is what comes next; nothing is consumed
  // otherwise.
  std::optional<std::string_view> numbers(char typecode);

  bool at_end() const { return rest_.empty(); }
  // Errors: ValueError if something is left.
  void expect_end() const;

 private:
  // The nesting of what is being read. One level deeper as long as it lives.
  class Level {
   public:
    explicit Level(PlainSource& source);
    ~Level() { --source_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    PlainSource& source_;
  };

  unsigned kind_byte() const;
  std::uint64_t expect(ValueKind kind);  // gives the number in the head
  std::uint64_t head();
  std::uint64_t varint();
  std::string_view take(std::uint64_t size);
  // A number of things that take at least `least` bytes each.
  std::uint64_t checked_count(std::uint64_t count, std::size_t least) const;
  ArrayView numbers_of_one_type();

  std::string_view rest_;
  int depth_ = 0;
};

// The items of a list, tuple or set. Numbers in one piece are handed out one by one.
class PlainSource::Items {
 public:
  explicit Items(PlainSource& source);

  bool next();
  PlainSource& value() { return packed_ ? number_ : source_; }

 private:
  void next_number(ArrayView& packed);

  PlainSource& source_;
  const Level level_;
  std::uint64_t left_ = 0;
  std::optional<ArrayView> packed_;
  std::string bytes_;  // of the number
  PlainSource number_;
};

// The entries of a dict.
class PlainSource::Entries {
 public:
  explicit Entries(PlainSource& source);

  bool next() { return left_ > 0 && left_-- > 0; }
  PlainSource& key() { return source_; }
  PlainSource& value() { return source_; }

 private:
  PlainSource& source_;
  const Level level_;
  std::uint64_t left_;
};

class PlainSource::Record {
 public:
  explicit Record(PlainSource& source);

  std::string_view type() const { return type_; }
  bool next();
  std::string_view name() const { return name_; }
  PlainSource& value() { return source_; }
  std::string_view data() const { return data_; }

 private:
  PlainSource& source_;
  const Level level_;
  std::uint64_t left_;
  std::string_view type_;
  std::string_view data_;
  std::string_view name_;
};

inline PlainSource::Items PlainSource::items() { return Items(*this); }
inline PlainSource::Entries PlainSource::entries() { return Entries(*this); }
inline PlainSource::Record PlainSource::record() { return Record(*this); }

static_assert(ValueSource<PlainSource>);

}  // namespace mp::internal
