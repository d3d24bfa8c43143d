#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "client_lib/local/shared/monitor.h"
#include "mp/any.h"

// How a ShareableList lies in its memory.
//
//   header │ slot … │ first half, second half of the first slot │ … of the next
//
// What is set goes into the half that does not count, and one word then says that it does: so
// whoever is killed has set it or has not.

namespace mp::internal {

// An item as its bytes, which say nothing of their type.
struct ListItem {
  ValueKind kind;
  std::string bytes;

  // Errors: TypeError, OverflowError, ValueError; see ShareableList.
  explicit ListItem(const Any& item);
};

struct ListHeader {
  static constexpr std::array<char, 16> kMark{"mp list 1"};

  std::array<char, 16> mark = kMark;
  std::uint64_t count = 0;
  std::uint64_t size = 0;  // of all
  Monitor monitor;
};

struct ListSlot {
  Word state;  // length, half, and kind
  std::uint64_t offset = 0;
  std::uint64_t capacity = 0;  // of a half
};

class ListMemory {
 public:
  static std::size_t size_for(const std::vector<ListItem>& items);
  static void lay_out(std::span<std::byte> bytes, const std::vector<ListItem>& items);

  // Errors: TypeError if there is no list.
  explicit ListMemory(std::span<std::byte> bytes);

  std::size_t count() const;
  Any get(std::size_t index) const;
  // Errors: ValueError if it is too long.
  void set(std::size_t index, const ListItem& item) const;
  // How Python's struct packs the item and its slot.
  std::string format(std::size_t index) const;

 private:
  ListHeader& header() const;
  // Errors: ValueError if others wrote over it.
  ListSlot& slot(std::size_t index) const;
  std::byte* half(const ListSlot& slot, std::uint64_t number) const;

  std::span<std::byte> bytes_;
};

}  // namespace mp::internal
