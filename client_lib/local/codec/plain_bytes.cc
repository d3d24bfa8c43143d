#include "mp/internal/plain_bytes.h"

#include <atomic>
#include <cstring>
#include <string>

#include "mp/codec/packed.h"
#include "mp/errors.h"
#include "mp/internal/reference_travel.h"

namespace mp::internal {
namespace {

constexpr unsigned kKindBits = 4;
constexpr unsigned kKindMask = 15;
constexpr std::uint64_t kFollows = 15;

constexpr unsigned kVarintBits = 7;
constexpr unsigned kVarintMore = 0x80;

constinit std::atomic<const ReferenceTravel*> travel_of_references = nullptr;

[[noreturn]] void malformed(const std::string& what) {
  throw ValueError("cannot read the value: " + what);
}

[[noreturn]] void cut_off() { malformed("its bytes are cut off"); }

std::size_t width_of(char typecode) {
  constexpr std::string_view kTypecodes = "?bBhHiIfqQlLd";
  constexpr std::size_t kWidths[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 8, 8};
  const std::size_t at = kTypecodes.find(typecode);
  if (at == std::string_view::npos) malformed("an array has an unknown typecode");
  return kWidths[at];
}

}  // namespace

void set_reference_travel(const ReferenceTravel* travel) {
  travel_of_references.store(travel, std::memory_order_release);
}

const ReferenceTravel* reference_travel() {
  return travel_of_references.load(std::memory_order_acquire);
}

void throw_wrong_size(std::size_t expected, std::size_t found) {
  malformed("expected " + std::to_string(expected) + " bytes or a multiple, found " +
            std::to_string(found));
}

// ---- Writing ----

void PlainSink::throw_too_deep() {
  throw LimitExceeded("the value is nested more than " + std::to_string(kMaxPlainDepth) +
                      " levels deep");
}

void PlainSink::long_head(unsigned kind, std::uint64_t number) {
  out_ += static_cast<char>(kind | kFollows << kKindBits);
  while (number >= kVarintMore) {
    out_ += static_cast<char>(number | kVarintMore);
    number >>= kVarintBits;
  }
  out_ += static_cast<char>(number);
}

void PlainSink::start_record(std::string_view type, std::string_view data, std::size_t count) {
  head(ValueKind::kRecord, count);
  text(type);
  bytes(data);
}

void PlainSink::array(ArrayView array) {
  head(ValueKind::kArray, array.data.size());
  out_ += array.typecode;
  out_ += array.data;
}

void PlainSink::numbers(char typecode, std::string_view data) {
  if (depth_ == kMaxPlainDepth) throw_too_deep();
  head(kPlainNumbers, data.size());
  out_ += typecode;
  out_ += data;
}

void PlainSink::reference(const ObjectRef& ref) {
  head(ValueKind::kRef, ref.id());
  text(ref.kind());
  const ReferenceTravel* travel = reference_travel();
  const bool has_origin = travel != nullptr && ref.object() != nullptr;
  bytes(has_origin ? travel->origin_of(*ref.object()) : std::string());
}

// ---- Reading ----

unsigned PlainSource::kind_byte() const {
  if (rest_.empty()) cut_off();
  return static_cast<unsigned char>(rest_.front()) & kKindMask;
}

ValueKind PlainSource::kind() const {
  const unsigned kind = kind_byte();
  if (kind == kPlainNumbers) return ValueKind::kList;
  if (kind == 0) malformed("it is of no kind that this library knows");
  return static_cast<ValueKind>(kind);
}

std::uint64_t PlainSource::head() {
  const std::uint64_t number = static_cast<unsigned char>(rest_.front()) >> kKindBits;
  rest_.remove_prefix(1);
  return number < kFollows ? number : varint();
}

std::uint64_t PlainSource::varint() {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64; shift += kVarintBits) {
    if (rest_.empty()) cut_off();
    const std::uint64_t byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    number |= (byte & (kVarintMore - 1)) << shift;
    if (byte < kVarintMore) return number;
  }
  malformed("a number is longer than 64 bits");
}

std::uint64_t PlainSource::expect(ValueKind kind) {
  if (kind_byte() != static_cast<unsigned>(kind)) throw_mismatch(name_of(kind), this->kind());
  return head();
}

std::string_view PlainSource::take(std::uint64_t size) {
  if (size > rest_.size()) cut_off();
  const std::string_view data = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return data;
}

std::uint64_t PlainSource::checked_count(std::uint64_t count, std::size_t least) const {
  if (count > rest_.size() / least) cut_off();
  return count;
}

void PlainSource::expect_end() const {
  if (!rest_.empty()) malformed(std::to_string(rest_.size()) + " bytes are left after it");
}

double PlainSource::floating() {
  expect(ValueKind::kFloat);
  double number = 0;
  std::memcpy(&number, take(sizeof number).data(), sizeof number);
  return number;
}

ObjectRef PlainSource::reference() {
  const std::uint64_t id = expect(ValueKind::kRef);
  const std::string_view kind = text();
  const std::string_view origin = bytes();
  const ReferenceTravel* travel = reference_travel();
  const bool can_resolve = travel != nullptr && !origin.empty();
  return {id, kind, can_resolve ? travel->resolve(id, kind, origin) : nullptr};
}

ArrayView PlainSource::array() {
  const std::uint64_t size = expect(ValueKind::kArray);
  const char typecode = take(1).front();
  width_of(typecode);
  return {typecode, take(size)};
}

ArrayView PlainSource::numbers_of_one_type() {
  const std::uint64_t size = head();
  const char typecode = take(1).front();
  if (size % width_of(typecode) != 0) malformed("a list of numbers ends within a number");
  return {typecode, take(size)};
}

std::optional<std::string_view> PlainSource::numbers(char typecode) {
  if (kind_byte() != kPlainNumbers) return std::nullopt;
  const std::string_view start = rest_;
  const ArrayView found = numbers_of_one_type();
  if (found.typecode == typecode) return found.data;
  rest_ = start;
  return std::nullopt;
}

PlainSource::Level::Level(PlainSource& source) : source_(source) {
  if (source.depth_ == kMaxPlainDepth) {
    malformed("it is nested more than " + std::to_string(kMaxPlainDepth) + " levels deep");
  }
  ++source.depth_;
}

PlainSource::Items::Items(PlainSource& source) : source_(source), level_(source) {
  const ValueKind kind = source.kind();
  if (kind != ValueKind::kList && kind != ValueKind::kTuple && kind != ValueKind::kSet) {
    throw_mismatch("list", kind);
  }
  if (source.kind_byte() == kPlainNumbers) {
    packed_ = source.numbers_of_one_type();
    left_ = packed_->data.size() / width_of(packed_->typecode);
  } else {
    const std::uint64_t count = source.head();
    left_ = source.checked_count(count, 1);
  }
}

bool PlainSource::Items::next() {
  if (left_ == 0) return false;
  --left_;
  if (packed_) next_number(*packed_);
  return true;
}

// As if it had been written by itself.
void PlainSource::Items::next_number(ArrayView& packed) {
  const std::size_t width = width_of(packed.typecode);
  bytes_.clear();
  for_each_packed({packed.typecode, packed.data.substr(0, width)},
                  [this](auto number) { PlainSink(bytes_).write(number); });
  packed.data.remove_prefix(width);
  number_ = PlainSource(bytes_);
}

PlainSource::Entries::Entries(PlainSource& source)
    : source_(source), level_(source), left_(source.expect(ValueKind::kDict)) {
  source.checked_count(left_, 2);
}

PlainSource::Record::Record(PlainSource& source)
    : source_(source), level_(source), left_(source.expect(ValueKind::kRecord)) {
  type_ = source.text();
  data_ = source.bytes();
  source.checked_count(left_, 2);
}

bool PlainSource::Record::next() {
  if (left_ == 0) return false;
  --left_;
  name_ = source_.text();
  return true;
}

}  // namespace mp::internal
