// That the concepts of sinks and sources have room for a second form: values one after the other,
// in plain bytes, as local queues want them. This one is as simple as can be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mp/any.h"
#include "mp/codec.h"

namespace mp {
namespace {

// Each value is its kind, and then its contents; containers have their number of items first.
class PlainSink {
 public:
  void none() { kind(ValueKind::kNone); }
  void boolean(bool flag) { fixed(ValueKind::kBool, flag); }
  void integer(std::int64_t number) { fixed(ValueKind::kInt, number); }
  void unsigned_integer(std::uint64_t number) {
    if (std::in_range<std::int64_t>(number)) return integer(static_cast<std::int64_t>(number));
    fixed(ValueKind::kUint, number);
  }
  void floating(double number) { fixed(ValueKind::kFloat, number); }
  void text(std::string_view text) { sized(ValueKind::kStr, text); }
  void bytes(std::string_view data) { sized(ValueKind::kBytes, data); }
  void reference(const ObjectRef& ref) {
    fixed(ValueKind::kRef, ref.id());
    append(ref.kind());
  }
  void array(ArrayView array) {
    fixed(ValueKind::kArray, array.typecode);
    append(array.data);
  }
  void list(std::size_t count, auto&& fill) { container(ValueKind::kList, count, fill); }
  void tuple(std::size_t count, auto&& fill) { container(ValueKind::kTuple, count, fill); }
  void set(std::size_t count, auto&& fill) { container(ValueKind::kSet, count, fill); }
  void dict(std::size_t count, auto&& fill) { container(ValueKind::kDict, count, fill); }
  void record(std::string_view type, std::size_t count, auto&& fill) {
    sized(ValueKind::kRecord, type);
    append("");
    raw(count);
    fill();
  }
  void foreign(std::string_view type, std::string_view data) {
    sized(ValueKind::kRecord, type);
    append(data);
    raw(std::size_t{0});
  }
  void write(const auto& item) { internal::CodecOf<decltype(item)>::write(*this, item); }
  void entry(const auto& key, const auto& value) {
    write(key);
    write(value);
  }
  void field(std::string_view name, const auto& value) {
    append(name);
    write(value);
  }

  const std::string& contents() const { return contents_; }

 private:
  void kind(ValueKind kind) { contents_ += static_cast<char>(kind); }
  template <class T>
  void raw(T number) {
    contents_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  template <class T>
  void fixed(ValueKind of, T number) {
    kind(of);
    raw(number);
  }
  void append(std::string_view data) {
    raw(data.size());
    contents_ += data;
  }
  void sized(ValueKind of, std::string_view data) {
    kind(of);
    append(data);
  }
  void container(ValueKind of, std::size_t count, auto&& fill) {
    fixed(of, count);
    fill();
  }

  std::string contents_;
};
static_assert(ValueSink<PlainSink>);

class PlainSource {
 public:
  explicit PlainSource(std::string_view rest) : rest_(rest) {}

  // Contents in the order of their bytes; no view of an item is kept.
  class Cursor {
   public:
    explicit Cursor(PlainSource& source) : source_(source), left_(source.raw<std::size_t>()) {}
    bool next() { return left_-- > 0; }
    PlainSource& key() { return source_; }
    PlainSource& value() { return source_; }

   private:
    PlainSource& source_;
    std::size_t left_;
  };
  class Record {
   public:
    explicit Record(PlainSource& source)
        : source_(source),
          type_(source.sized()),
          data_(source.sized()),
          left_(source.raw<std::size_t>()) {}
    std::string_view type() const { return type_; }
    std::string_view data() const { return data_; }
    std::string_view name() const { return name_; }
    PlainSource& value() { return source_; }
    bool next() {
      if (left_-- == 0) return false;
      name_ = source_.sized();
      return true;
    }

   private:
    PlainSource& source_;
    std::string_view type_, data_, name_;
    std::size_t left_;
  };

  ValueKind kind() const { return static_cast<ValueKind>(rest_.front()); }
  void none() { expect(ValueKind::kNone); }
  bool boolean() { return fixed<bool>(ValueKind::kBool); }
  std::int64_t integer() { return fixed<std::int64_t>(ValueKind::kInt); }
  std::uint64_t unsigned_integer() { return fixed<std::uint64_t>(ValueKind::kUint); }
  double floating() { return fixed<double>(ValueKind::kFloat); }
  std::string_view text() {
    expect(ValueKind::kStr);
    return sized();
  }
  std::string_view bytes() {
    expect(ValueKind::kBytes);
    return sized();
  }
  ObjectRef reference() {
    const auto id = fixed<std::uint64_t>(ValueKind::kRef);
    return {id, sized()};
  }
  ArrayView array() {
    const char typecode = fixed<char>(ValueKind::kArray);
    return {typecode, sized()};
  }
  Cursor items() {
    rest_.remove_prefix(1);
    return Cursor(*this);
  }
  Cursor entries() {
    expect(ValueKind::kDict);
    return Cursor(*this);
  }
  Record record() {
    expect(ValueKind::kRecord);
    return Record(*this);
  }

  bool at_end() const { return rest_.empty(); }

 private:
  void expect(ValueKind kind) {
    if (this->kind() != kind) internal::throw_mismatch(name_of(kind), this->kind());
    rest_.remove_prefix(1);
  }
  template <class T>
  T raw() {
    T number;
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_.remove_prefix(sizeof number);
    return number;
  }
  template <class T>
  T fixed(ValueKind kind) {
    expect(kind);
    return raw<T>();
  }
  std::string_view sized() {
    const auto size = raw<std::size_t>();
    const std::string_view data = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return data;
  }

  std::string_view rest_;
};
static_assert(ValueSource<PlainSource>);

struct Task {
  std::string name;
  std::vector<double> weights;
  std::optional<int> retries;
  friend bool operator==(const Task&, const Task&) = default;
};
MP_RECORD(Task, name, weights, retries)

struct Pair {
  int first;
  std::map<std::string, Task> second;
  friend bool operator==(const Pair&, const Pair&) = default;
};

template <class T>
void expect_round_trip(const T& value) {
  PlainSink sink;
  sink.write(value);
  PlainSource source(sink.contents());
  EXPECT_EQ(Codec<T>::read(source), value) << repr(value);
  EXPECT_TRUE(source.at_end());
}

TEST(PlainBytesTest, EveryCodecWritesAndReadsInOrder) {
  const Task task{"train", {0.5, 1.5}, 3};
  expect_round_trip(42);
  expect_round_trip(std::string("text"));
  expect_round_trip(Bytes{1, 2});
  expect_round_trip(std::vector<std::tuple<int, std::string>>{{1, "a"}, {2, "b"}});
  expect_round_trip(std::map<int, std::set<int>>{{1, {2, 3}}, {4, {}}});
  expect_round_trip(std::optional<std::optional<int>>(std::optional<int>()));
  expect_round_trip(std::variant<int, std::int64_t, Task>(task));
  expect_round_trip(std::variant<int, std::string>("a"));
  expect_round_trip(task);
  expect_round_trip(Pair{1, {{"t", task}}});
  expect_round_trip(std::chrono::milliseconds(5));
  expect_round_trip(Any{1, "two", None, 2.5, true, Bytes("b"), Any::dict({{"k", Any::set({1})}}),
                        ObjectRef(3, "dict"), Any::Array{'b', Bytes("abc")},
                        Any::Record{"R", {{"x", 1}, {"y", Any::tuple({2})}}, {}},
                        Any::Record{"F", {}, Bytes("data")}});
}

}  // namespace
}  // namespace mp
