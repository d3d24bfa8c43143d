#include "client_lib/local/named_memory/list_memory.h"

#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>

#include "client_lib/local/codec/utf8.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

constexpr std::size_t kStep = 8;

// What a slot's state says of its item.
struct State {
  ValueKind kind;
  std::uint64_t half;
  std::uint64_t length;

  static State of(std::uint64_t word) {
    return {static_cast<ValueKind>(word & 0xF), (word >> 4) & 1, word >> 8};
  }
  std::uint64_t word() const {
    return (length << 8) | (half << 4) | static_cast<std::uint64_t>(kind);
  }
};

template <class T>
std::string bytes_of(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <class T>
T value_of(std::string_view bytes) {
  T value{};
  if (bytes.size() != sizeof value) throw ValueError("a slot of a ShareableList holds no item");
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string encode(const Any& item) {
  switch (item.kind()) {
    case ValueKind::kNone:
      return {};
    case ValueKind::kBool:
      return bytes_of<char>(*item.get_if<bool>() ? 1 : 0);
    case ValueKind::kInt:
      return bytes_of(*item.get_if<std::int64_t>());
    case ValueKind::kUint:
      throw OverflowError("a ShareableList has no room for " +
                          std::to_string(*item.get_if<std::uint64_t>()) + ", above 2^63 - 1");
    case ValueKind::kFloat:
      return bytes_of(*item.get_if<double>());
    case ValueKind::kStr:
      if (!is_utf8(*item.get_if<std::string>()))
        throw ValueError("a str of a ShareableList is text in UTF-8; other bytes go into Bytes");
      return *item.get_if<std::string>();
    case ValueKind::kBytes:
      return item.get_if<Bytes>()->to_string();
    default:
      throw TypeError("a ShareableList can't hold a " + std::string(name_of(item.kind())) +
                      ": it holds None, bool, int, float, str and bytes");
  }
}

Any decode(ValueKind kind, std::string bytes) {
  switch (kind) {
    case ValueKind::kNone:
      return None;
    case ValueKind::kBool:
      return value_of<char>(bytes) != 0;
    case ValueKind::kInt:
      return value_of<std::int64_t>(bytes);
    case ValueKind::kFloat:
      return value_of<double>(bytes);
    case ValueKind::kStr:
      return Any(std::move(bytes));
    case ValueKind::kBytes:
      return Bytes(std::move(bytes));
    default:
      throw ValueError("a slot of a ShareableList holds no item");
  }
}

bool is_text(ValueKind kind) { return kind == ValueKind::kStr || kind == ValueKind::kBytes; }

// As Python has it.
std::size_t capacity_for(const ListItem& item) {
  return is_text(item.kind) ? (item.bytes.size() / kStep + 1) * kStep : kStep;
}

constexpr std::size_t kSlotsBegin = (sizeof(ListHeader) + kStep - 1) / kStep * kStep;

}  // namespace

static_assert(alignof(ListHeader) <= 64 && std::is_trivially_destructible_v<ListHeader>);
static_assert(sizeof(ListSlot) % kStep == 0 && alignof(ListSlot) <= kStep);

ListItem::ListItem(const Any& item) : kind(item.kind()), bytes(encode(item)) {}

std::size_t ListMemory::size_for(const std::vector<ListItem>& items) {
  std::size_t size = kSlotsBegin + items.size() * sizeof(ListSlot);
  for (const auto& item : items) size += 2 * capacity_for(item);
  return size;
}

void ListMemory::lay_out(std::span<std::byte> bytes, const std::vector<ListItem>& items) {
  auto& header = *new (bytes.data()) ListHeader;
  header.count = items.size();
  header.size = bytes.size();
  std::size_t end = kSlotsBegin + items.size() * sizeof(ListSlot);
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto& slot = *new (bytes.data() + kSlotsBegin + i * sizeof(ListSlot)) ListSlot;
    slot.offset = end;
    slot.capacity = capacity_for(items[i]);
    end += 2 * slot.capacity;
  }
  const ListMemory list(bytes);
  for (std::size_t i = 0; i < items.size(); ++i) list.set(i, items[i]);
}

ListMemory::ListMemory(std::span<std::byte> bytes) : bytes_(bytes) {
  if (bytes.size() < kSlotsBegin || header().mark != ListHeader::kMark ||
      header().size > bytes.size() ||
      header().count > (bytes.size() - kSlotsBegin) / sizeof(ListSlot))
    throw TypeError("there is no ShareableList in this memory");
}

ListHeader& ListMemory::header() const {
  return *std::launder(reinterpret_cast<ListHeader*>(bytes_.data()));
}

std::size_t ListMemory::count() const { return header().count; }

ListSlot& ListMemory::slot(std::size_t index) const {
  auto& slot = *std::launder(
      reinterpret_cast<ListSlot*>(bytes_.data() + kSlotsBegin + index * sizeof(ListSlot)));
  if (slot.offset > bytes_.size() || slot.capacity > (bytes_.size() - slot.offset) / 2 ||
      State::of(slot.state.get()).length > slot.capacity)
    throw ValueError("a slot of a ShareableList was written over");
  return slot;
}

std::byte* ListMemory::half(const ListSlot& slot, std::uint64_t number) const {
  return bytes_.data() + slot.offset + number * slot.capacity;
}

Any ListMemory::get(std::size_t index) const {
  std::string bytes;
  std::optional<ValueKind> kind;
  {
    const InMonitor in(header().monitor);
    const ListSlot& from = slot(index);
    const auto state = State::of(from.state.get());
    bytes.assign(reinterpret_cast<const char*>(half(from, state.half)), state.length);
    kind = state.kind;
  }
  return decode(*kind, std::move(bytes));
}

void ListMemory::set(std::size_t index, const ListItem& item) const {
  InMonitor in(header().monitor);
  ListSlot& to = slot(index);
  if (item.bytes.size() > to.capacity)
    throw ValueError("an item of " + std::to_string(item.bytes.size()) +
                     " bytes exceeds available storage: its slot in the ShareableList has " +
                     std::to_string(to.capacity));
  const std::uint64_t other = 1 - State::of(to.state.get()).half;
  if (!item.bytes.empty()) std::memcpy(half(to, other), item.bytes.data(), item.bytes.size());
  // Who is killed before the word is set has set nothing, provided that the bytes come first.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  in.set(to.state, State{item.kind, other, item.bytes.size()}.word());
  in.commit();
}

std::string ListMemory::format(std::size_t index) const {
  const InMonitor in(header().monitor);
  const ListSlot& of = slot(index);
  switch (State::of(of.state.get()).kind) {
    case ValueKind::kNone:
      return "xxxxxx?x";
    case ValueKind::kBool:
      return "xxxxxxx?";
    case ValueKind::kInt:
      return "q";
    case ValueKind::kFloat:
      return "d";
    default:
      return std::to_string(of.capacity) + 's';
  }
}

}  // namespace mp::internal
