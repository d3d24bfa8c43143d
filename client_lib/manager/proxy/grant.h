#pragma once

#include <atomic>
#include <cstdint>

#include "mp/internal/remote_object.h"
#include "mp/proxy/owned_lock.h"
#include "mp/wire/message.h"

namespace mp::internal {

// What this process knows of a lock's last grant to it. All atomic, since a child may be forked
// while another thread writes.
struct Grant {
  std::atomic<std::uint64_t> token{0};
  std::atomic<std::uint64_t> count{0};        // acquisitions under this token
  std::atomic<std::uint64_t> incarnation{0};  // of the session that it was granted to
  std::atomic<std::uint64_t> generation{0};   // the parent's grants are not the child's
  std::atomic<bool> previous_owner_died{false};

  bool is_of_this_process() const;

  // The lock was granted, or once more to its owner. Replies that grant have the token as their
  // field 2, and previous_owner_died as field 3.
  void acquired(const RemoteObject& lock, const Reply& reply);
  // After a wait for a condition the lock is held anew, as often as before.
  void held_again(const RemoteObject& lock, const Reply& reply, std::uint64_t count_before);
  // What was held under this token was released once.
  void released(std::uint64_t held_token);

 private:
  void hold(const RemoteObject& lock, const Reply& reply, std::uint64_t times, bool died);
};

// The timeout and the lease of a request to acquire. Errors: ValueError for a lease of 0 or less.
void encode_acquire(wire::Message& request, const AcquireOptions& options);

// That an operation may wait for so long.
CallOptions waiting(CallOptions options, const TimeLimit& timeout);

}  // namespace mp::internal
