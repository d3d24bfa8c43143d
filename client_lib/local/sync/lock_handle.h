#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <utility>

#include "client_lib/local/shared/memory.h"
#include "client_lib/local/shared/shared_lock.h"
#include "client_lib/local/shared/shared_rlock.h"

// What stands behind a Lock or RLock and its copies in this process.

namespace mp::internal {

// Either of them, as a Condition sees it.
class OwnedLockHandle {
 public:
  OwnedLockHandle(const OwnedLockHandle&) = delete;
  OwnedLockHandle& operator=(const OwnedLockHandle&) = delete;
  virtual ~OwnedLockHandle() = default;

  virtual bool take(const Timeout& timeout) = 0;
  // Errors: ValueError, NotOwnerError.
  virtual void release() = 0;

  // Of this thread; of this process, if the kind knows no threads.
  virtual bool is_mine() const = 0;
  // If it is. Gives how often it was held, for take_back().
  virtual std::size_t release_all() = 0;
  // Blocks: until it is free.
  virtual void take_back(std::size_t count) = 0;

  // As Python.
  virtual void print(std::ostream& out) const = 0;

  const Block& block() const { return block_; }
  bool is_held() const { return lock_.holder().word != 0; }
  std::uint64_t token() const { return is_mine() ? lock_.grants() : 0; }
  bool previous_owner_died() const {
    const std::uint64_t grant = token();
    return grant != 0 && grant == grant_from_the_dead_.load(std::memory_order_relaxed);
  }

 protected:
  OwnedLockHandle(Block block, SharedLock& lock) : block_(std::move(block)), lock_(lock) {}

  bool acquire(const Timeout& timeout) { return lock_.acquire_free() || acquire_in_line(timeout); }
  // A name for this process, a pid for another, None.
  void print_holder(std::ostream& out) const;

 private:
  bool acquire_in_line(const Timeout& timeout);

  const Block block_;
  SharedLock& lock_;
  std::atomic<std::uint64_t> grant_from_the_dead_ = 0;  // the last one
};

class LockHandle final : public OwnedLockHandle {
 public:
  LockHandle(Block block, SharedLock& shared)
      : OwnedLockHandle(std::move(block), shared), shared_(shared) {}

  bool take(const Timeout& timeout) override { return acquire(timeout); }
  void release() override {
    if (!shared_.release()) throw_not_held();
  }
  bool is_mine() const override { return shared_.holder() == this_process(); }
  std::size_t release_all() override;
  void take_back(std::size_t) override { acquire(std::nullopt); }
  void print(std::ostream& out) const override;

 private:
  [[noreturn]] static void throw_not_held();

  SharedLock& shared_;
};

class RLockHandle final : public OwnedLockHandle {
 public:
  RLockHandle(Block block, SharedRLock& shared)
      : OwnedLockHandle(std::move(block), shared.lock()), shared_(shared) {}

  bool take(const Timeout& timeout) override;
  void release() override;
  bool is_mine() const override { return shared_.is_mine(); }
  std::size_t release_all() override { return shared_.release_all(); }
  void take_back(std::size_t count) override;
  void print(std::ostream& out) const override;
  std::size_t count() const { return shared_.count(); }

 private:
  SharedRLock& shared_;
};

}  // namespace mp::internal
