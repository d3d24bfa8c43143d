#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "mp/v1/command.pb.h"

namespace mp::server::test {

// The messages of the two kinds of lock, for LockHistory.
struct RLockWire {
  using Acquire = v1::RLockAcquireRequest;
  using Release = v1::RLockReleaseRequest;
  static bool is_reply(const v1::Outcome& outcome) { return outcome.has_rlock_acquire(); }
  static const v1::RLockAcquireReply& reply(const v1::Outcome& outcome) {
    return outcome.rlock_acquire();
  }
  static std::string count_text(const v1::RLockAcquireReply& reply) {
    return absl::StrCat(", count ", reply.count());
  }
};

struct LockWire {
  using Acquire = v1::LockAcquireRequest;
  using Release = v1::LockReleaseRequest;
  static bool is_reply(const v1::Outcome& outcome) { return outcome.has_lock_acquire(); }
  static const v1::LockAcquireReply& reply(const v1::Outcome& outcome) {
    return outcome.lock_acquire();
  }
  static std::string count_text(const v1::LockAcquireReply&) { return ""; }
};

}  // namespace mp::server::test
