#include "mp/local/shareable_list.h"

#include <memory>
#include <ostream>
#include <vector>

#include "client_lib/local/named_memory/list_memory.h"
#include "client_lib/local/named_memory/named_memory.h"
#include "mp/errors.h"
#include "mp/internal/slice_range.h"
#include "mp/repr.h"

namespace mp {

using internal::ListItem;
using internal::ListMemory;

ShareableList::ShareableList(SharedMemory shm)
    : shm_(std::move(shm)), size_(ListMemory(shm_.buf()).count()) {}

ShareableList ShareableList::create(const Any::List& items, std::string_view name,
                                    Lifetime lifetime) {
  const std::vector<ListItem> encoded(items.begin(), items.end());
  const auto fill = [&](std::span<std::byte> bytes) { ListMemory::lay_out(bytes, encoded); };
  return ShareableList(SharedMemory(std::make_shared<internal::NamedMemory>(
      name, static_cast<std::int64_t>(ListMemory::size_for(encoded)), lifetime, fill)));
}

ShareableList ShareableList::attach(std::string_view name) {
  return ShareableList(SharedMemory::attach(name));
}

Any ShareableList::at(std::int64_t index) const {
  const std::size_t place = internal::place_of(index, size_);
  return ListMemory(shm_.buf()).get(place);
}

void ShareableList::set(std::int64_t index, const Any& item) const {
  const std::size_t place = internal::place_of(index, size_);
  ListMemory(shm_.buf()).set(place, ListItem(item));
}

std::size_t ShareableList::count(const Any& item) const {
  std::size_t found = 0;
  for (const Any& each : *this) found += each == item ? 1 : 0;
  return found;
}

std::size_t ShareableList::index(const Any& item) const {
  std::size_t index = 0;
  for (const Any& each : *this) {
    if (each == item) return index;
    ++index;
  }
  throw ValueError(repr(item) + " is not in the ShareableList");
}

Any::List ShareableList::to_vector() const {
  Any::List items;
  items.reserve(size_);
  for (Any item : *this) items.push_back(std::move(item));
  return items;
}

std::string ShareableList::format() const {
  const ListMemory list(shm_.buf());
  std::string text;
  for (std::size_t i = 0; i < size_; ++i) text += list.format(i);
  return text;
}

std::ostream& operator<<(std::ostream& out, const ShareableList::Item& item) {
  return out << item.value();
}

std::ostream& operator<<(std::ostream& out, const ShareableList& list) {
  return out << "ShareableList(" << repr(list.to_vector()) << ", name=" << repr(list.shm().name())
             << ')';
}

}  // namespace mp
