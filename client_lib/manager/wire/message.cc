#include "mp/wire/message.h"

#include <memory>
#include <utility>
#include <vector>

#include "client_lib/local/codec/utf8.h"
#include "client_lib/manager/wire/piece.h"
#include "mp/errors.h"

namespace mp::wire {

void Message::uint(std::uint32_t field, std::uint64_t number) {
  Piece().tag(field, WireType::varint).varint(number).append_to(buffer_);
}

void Message::sint(std::uint32_t field, std::int64_t number) {
  uint(field, protozero::encode_zigzag64(number));
}

void Message::fixed64(std::uint32_t field, std::uint64_t number) {
  Piece().tag(field, WireType::fixed64).fixed64(number).append_to(buffer_);
}

void Message::boolean(std::uint32_t field, bool flag) { uint(field, flag ? 1 : 0); }

void Message::str(std::uint32_t field, std::string_view text) {
  if (!internal::is_utf8(text)) throw ValueError("a name must be UTF-8, and this one is not");
  bytes(field, text);
}

void Message::bytes(std::uint32_t field, std::string_view data) {
  Piece().tag(field, WireType::length_delimited).varint(data.size()).append_to(buffer_);
  buffer_.append(data);
}

void Message::duration(std::uint32_t field, std::chrono::nanoseconds length) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  const std::int64_t seconds = length.count() / kNanoseconds;
  const std::int64_t nanoseconds = length.count() % kNanoseconds;
  Piece contents;
  if (seconds != 0) {
    contents.tag(1, WireType::varint).varint(static_cast<std::uint64_t>(seconds));
  }
  if (nanoseconds != 0) {
    contents.tag(2, WireType::varint).varint(static_cast<std::uint64_t>(nanoseconds));
  }
  Piece().tag(field, WireType::length_delimited).varint(contents.size()).append_to(buffer_);
  contents.append_to(buffer_);
}

void Message::array(std::uint32_t field, ArrayView numbers) {
  constexpr std::size_t kTypecode = 3;  // its field: a tag, a length, and a character
  const std::size_t size = numbers.data.size();
  const std::size_t data = size == 0 ? 0 : 1 + varint_length(size) + size;
  buffer_.reserve(buffer_.size() + 2 * sizeof(std::uint64_t) + kTypecode + data);
  Piece().tag(field, WireType::length_delimited).varint(kTypecode + data).append_to(buffer_);
  bytes(1, std::string_view(&numbers.typecode, 1));
  if (size != 0) bytes(2, numbers.data);
}

namespace {

constexpr std::size_t kSmall = std::size_t{64} * 1024;
// What is larger is kept while such messages come: to get as much memory from the system again
// takes longer than to fill it.
constexpr std::size_t kLargestKept = std::size_t{16} * 1024 * 1024;
constexpr int kMostSmallOnes = 64;

struct Kept {
  Message message;
  int small_ones = 0;  // in a row
};

// The messages of a thread: those in use are the first ones.
struct Store {
  std::vector<std::unique_ptr<Kept>> messages;
  std::size_t used = 0;
};

Store& store() {
  thread_local Store store;
  return store;
}

}  // namespace

Scratch::Scratch() {
  Store& mine = store();
  if (mine.used == mine.messages.size()) mine.messages.push_back(std::make_unique<Kept>());
  message_ = &mine.messages[mine.used++]->message;
}

Scratch::~Scratch() {
  Store& mine = store();
  Kept& kept = *mine.messages[--mine.used];
  kept.small_ones = message_->bytes().size() > kSmall ? 0 : kept.small_ones + 1;
  message_->clear();
  const std::size_t capacity = message_->capacity();
  if (capacity > kLargestKept || (capacity > kSmall && kept.small_ones >= kMostSmallOnes)) {
    Message small;
    std::swap(*message_, small);
  }
}

}  // namespace mp::wire
