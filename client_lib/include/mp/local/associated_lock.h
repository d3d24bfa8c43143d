#pragma once

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <utility>
#include <variant>

#include "mp/codec/tuple.h"
#include "mp/errors.h"
#include "mp/local/acquirable.h"
#include "mp/local/lock.h"
#include "mp/local/rlock.h"

namespace mp {

namespace threads {
class Lock;
class RLock;
}  // namespace threads

namespace internal {

// Works within one process only.
template <class L>
concept LockOfThreads = std::same_as<L, threads::Lock> || std::same_as<L, threads::RLock>;

}  // namespace internal

struct NoLock {
  explicit NoLock() = default;
};

// Where a Value or an Array is to have no lock. Python: lock=False.
inline constexpr NoLock no_lock{};

// The lock that goes with a Value or an Array: an RLock, a Lock, or none. A handle, as these are.
//
// Errors: AttributeError where there is none.
// Thread-safety, fork-safety: as Lock's.
class AssociatedLock : public internal::Acquirable<AssociatedLock> {
 public:
  AssociatedLock(RLock lock) : lock_(std::move(lock)) {}
  AssociatedLock(Lock lock) : lock_(std::move(lock)) {}
  AssociatedLock(NoLock none) : lock_(none) {}
  template <internal::LockOfThreads L>
  AssociatedLock(const L&) {
    static_assert(!internal::LockOfThreads<L>,
                  "mp: a lock of mp::threads keeps no other process out of memory that processes "
                  "share; use an mp::Lock or mp::RLock, which keeps threads out, too");
  }

  // Errors: what the lock's release() has.
  void release() const;

  // Does anybody hold it?
  bool locked() const;

  // Whether the holder before this process's last grant ended without a release: what lies in
  // memory may be half done.
  bool previous_owner_died() const;

  // Whether there is one.
  bool exists() const { return !std::holds_alternative<NoLock>(lock_); }

  // As the lock prints itself; None where there is none.
  friend std::ostream& operator<<(std::ostream& out, const AssociatedLock& lock);

 private:
  friend class internal::Acquirable<AssociatedLock>;
  friend struct Codec<AssociatedLock>;

  bool take(internal::Timeout timeout) const;

  std::variant<NoLock, Lock, RLock> lock_;
};

template <>
struct Codec<AssociatedLock> {
  static constexpr KindSet kKinds{ValueKind::kTuple};

  template <class Sink>
  static void write(Sink& out, const AssociatedLock& associated) {
    const std::uint64_t kind = associated.lock_.index();
    if (const auto* lock = std::get_if<Lock>(&associated.lock_)) {
      internal::write_tuple(out, kind, *lock);
    } else if (const auto* rlock = std::get_if<RLock>(&associated.lock_)) {
      internal::write_tuple(out, kind, *rlock);
    } else {
      internal::write_tuple(out, kind, None);
    }
  }

  template <class Source>
  static AssociatedLock read(Source& in) {
    auto items = in.items();
    internal::next_item(items, 2, 0);
    const auto kind = Codec<std::uint64_t>::read(items.value());
    internal::next_item(items, 2, 1);
    AssociatedLock lock = read_kind(kind, items.value());
    internal::no_more_items(items, 2);
    return lock;
  }

 private:
  template <class Source>
  static AssociatedLock read_kind(std::uint64_t kind, Source& in) {
    switch (kind) {
      case 0:
        in.none();
        return no_lock;
      case 1:
        return Codec<Lock>::read(in);
      case 2:
        return Codec<RLock>::read(in);
      default:
        throw ValueError("a shared value was said to have an unknown sort of lock");
    }
  }
};

}  // namespace mp
