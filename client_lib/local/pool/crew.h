#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "client_lib/local/pool/orders.h"
#include "client_lib/local/pool/task.h"
#include "client_lib/local/pool/zygote.h"

namespace mp::internal {

// One place for a worker. Who ends is followed by another in the same place, with the same queue.
//
//   kStarting ──Event::kStarted──▶ kRunning ──stop()──▶ kStopping
//       │  ▲                           │                    │
//       │  └───────── start() ──────┐  │                    │
//       └─────────Event::kEnded────▶ kGone ◀────────────────┘
struct Member {
  enum class State { kStarting, kRunning, kStopping, kGone };

  WorkerPlace place;
  State state = State::kGone;
  int pid = 0;
  bool is_ready = false;            // its initializer has returned
  bool has_done_something = false;  // since it was started
  // The end that the pool makes of it: why the task fails that it has begun.
  std::exception_ptr doom = nullptr;
  // Large replies that came and were not read yet, also those of who was here before.
  int unread = 0;

  bool is_there() const { return state != State::kGone; }
  bool is_working() const { return is_there() && state != State::kStopping; }
};

// The workers of a pool, and the ways to them.
//
// Thread-safety: none.
class Crew {
 public:
  Crew(StartMethod method, const WorkerRules& rules, const std::shared_ptr<Target>& initializer);

  // A further place; its number.
  // Errors: MemoryError; ConnectionError.
  std::size_t add_place();

  // The rest happens; events tell what came of it.
  void start(std::size_t worker);
  void stop(std::size_t worker);
  void kill(std::size_t worker, int signal);
  void ask_to_stop(std::size_t worker, std::uint64_t task);

  // Errors: ConnectionError; MemoryError.
  void give(std::size_t worker, std::span<Task* const> tasks);
  // Tasks that were given and not begun, at most so many; they are its no longer. Who is to stop
  // is told so again, and to drop what lies on its wire; Event::kSkipped tells when it has.
  std::vector<std::uint64_t> take_back(std::size_t worker, std::size_t most);

  const QueueCore& events() const { return events_; }
  std::vector<Member>& members() { return members_; }
  const std::vector<Member>& members() const { return members_; }
  Member& member(std::size_t worker) { return members_.at(worker); }

  bool zygote_has_ended() const { return zygote_.has_ended(); }
  // All workers. Blocks: until they are gone.
  void end() noexcept { zygote_.end(); }

 private:
  void tell_to_stop(const Member& member) const;
  void tell_to_skip(const Member& member, std::uint64_t task) const;

  const std::string name_;
  const QueueCore events_;
  Zygote zygote_;
  std::vector<Member> members_;
};

}  // namespace mp::internal
