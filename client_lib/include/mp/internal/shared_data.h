#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "mp/internal/shareable.h"
#include "mp/internal/shared_number.h"
#include "mp/internal/timeout.h"
#include "mp/internal/travel.h"
#include "mp/local/associated_lock.h"

namespace mp::internal {

class Block;

// What is known of the items of a shared value or array where their type is not.
struct ItemType {
  const char* owner;  // "a Value": as errors call it
  std::size_t size;
  char typecode;  // of numbers; 's' for a structure
  bool is_lock_free;
};

template <class T>
constexpr ItemType item_type(const char* owner) {
  char typecode = 's';
  if constexpr (SharedNumber<T>) typecode = typecode_of<T>();
  return {owner, sizeof(T), typecode, LockFree<T>};
}

// As bytes can name it.
struct SharedDataTicket {
  BlockTicket block;
  std::uint64_t count;
  std::uint64_t item_size;
  std::uint64_t typecode;
  AssociatedLock lock;
};

// Items of one type in shared memory, and their lock: a handle to what a Value or an Array is.
//
// Where an item is too large for one instruction and there is a lock, one is set as a whole though
// its setter be killed: it lies complete in a second place before it is copied to its own, and who
// acquires the lock next copies it once more.
//
//   items … │ number of the item that is being set, 0 for none │ what it is set to
//
// The second place is there without a lock, too: one may be given later.
class SharedData {
 public:
  // Zeros. Errors: MemoryError.
  SharedData(const ItemType& type, std::size_t count, AssociatedLock lock);

  // The same items, as those of another owner ("a Value") and with this lock.
  SharedData with(const char* owner, AssociatedLock lock) const;

  std::byte* begin() const { return begin_; }
  std::size_t count() const { return count_; }

  // Errors: AttributeError where there is none.
  const AssociatedLock& get_lock() const;

  // Acquires and releases the lock. Errors: AttributeError where there is none.
  bool take(Timeout timeout) const;
  void release() const;

  // One item that is too large for one instruction, under the lock if there is one.
  void get_item(const void* item, void* to) const;
  void set_item(void* item, const void* from) const;
  void exchange_item(void* item, const void* from, void* to) const;

  SharedDataTicket pack() const;
  // Errors: TypeError if the items are of another type.
  static SharedData unpack(const ItemType& type, const SharedDataTicket& ticket);

 private:
  friend class Held;

  SharedData(const ItemType& type, std::size_t count, AssociatedLock lock, const Block& block);

  bool has_second_place() const { return !type_.is_lock_free && lock_.exists(); }
  std::byte* second_place() const;
  void put(void* item, const void* from) const;
  void finish_what_the_dead_began() const;

  ItemType type_;
  std::byte* begin_;
  std::size_t count_;
  AssociatedLock lock_;
  std::shared_ptr<const Block> keeper_;
};

// Holds the lock of the data, if there is one, for as long as it is in scope.
class Held {
 public:
  explicit Held(const SharedData& data);
  ~Held();
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  const SharedData& data_;
};

// The codec of a handle H to shared data, of which it is a friend.
template <class H>
struct SharedDataCodec {
  static constexpr KindSet kKinds{ValueKind::kTuple};

  template <class Sink>
  static void write(Sink& out, const H& handle) {
    out.write(handle.data().pack());
  }
  template <class Source>
  static H read(Source& in) {
    return H(SharedData::unpack(H::kItem, Codec<SharedDataTicket>::read(in)));
  }
};

}  // namespace mp::internal
