#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iosfwd>

#include "client_lib/local/threads/permits.h"
#include "mp/internal/timeout.h"

// What stands behind a threads::Lock or threads::RLock and its copies.

namespace mp::internal {

// Either of them, as a Condition sees it. Its owner is the thread that acquired it.
class OwnedThreadLock {
 public:
  OwnedThreadLock() = default;
  OwnedThreadLock(const OwnedThreadLock&) = delete;
  OwnedThreadLock& operator=(const OwnedThreadLock&) = delete;
  virtual ~OwnedThreadLock() = default;

  virtual bool take(Timeout timeout) = 0;
  // Errors: ValueError, NotOwnerError.
  virtual void release() = 0;
  // If this thread holds it. Gives how often it was held, for take_back().
  virtual std::size_t release_all() = 0;
  // Blocks: until it is free.
  virtual void take_back(std::size_t count) = 0;
  // As Python.
  virtual void print(std::ostream& out) const = 0;

  bool is_held() const { return permit_.left() == 0; }
  bool is_mine() const;
  std::uint64_t token() const { return is_mine() ? grants_.load(std::memory_order_relaxed) : 0; }

 protected:
  bool acquire(Timeout timeout);
  // False if nobody holds it.
  bool give_up();
  void print_owner(std::ostream& out) const;

 private:
  ThreadPermits permit_ = ThreadPermits(1, 1);
  std::atomic<std::uint64_t> owner_ = 0;   // the number of a thread; 0: none
  std::atomic<std::uint64_t> grants_ = 0;  // written by owners
};

class ThreadLock final : public OwnedThreadLock {
 public:
  bool take(Timeout timeout) override { return acquire(timeout); }
  void release() override;
  std::size_t release_all() override;
  void take_back(std::size_t) override { acquire(std::nullopt); }
  void print(std::ostream& out) const override;
};

class ThreadRLock final : public OwnedThreadLock {
 public:
  bool take(Timeout timeout) override;
  void release() override;
  std::size_t release_all() override;
  void take_back(std::size_t count) override;
  void print(std::ostream& out) const override;
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> count_ = 0;  // written by the owner
};

}  // namespace mp::internal
