#include "mp/threads/barrier.h"

#include <condition_variable>
#include <mutex>
#include <ostream>
#include <string>
#include <utility>

#include "client_lib/local/threads/wait_until.h"
#include "mp/errors.h"

namespace mp {

namespace internal {

// Rounds follow one another:
//
//                 the last has come         its action is done
//   kFilling ─────────────────────▶ kActing ──────────────────▶ kPassed, and a new round
//      │ abort, time ran out           │ the same, and an action that throws
//      ▼                               ▼
//   a reason, and no new round until reset(), which ends a round in any state
class ThreadBarrier {
 public:
  ThreadBarrier(std::size_t parties, std::function<void()> action, Timeout timeout)
      : parties_(parties), action_(std::move(action)), timeout_(timeout) {}

  std::size_t parties() const { return parties_; }
  Timeout timeout() const { return timeout_; }
  std::size_t n_waiting() const {
    const std::scoped_lock lock(mutex_);
    return is_broken() ? 0 : round_->arrived;
  }
  bool broken() const {
    const std::scoped_lock lock(mutex_);
    return is_broken();
  }

  std::size_t wait(Timeout timeout);
  void abort() {
    const std::scoped_lock lock(mutex_);
    if (!is_broken()) finish(*round_, "it was aborted");
  }
  void reset() {
    const std::scoped_lock lock(mutex_);
    if (!is_broken()) finish(*round_, "it was reset");
    round_ = std::make_shared<Round>();
  }

 private:
  enum class Stage { kFilling, kActing, kPassed, kBroken };
  struct Round {
    std::size_t arrived = 0;
    Stage stage = Stage::kFilling;
    const char* reason = nullptr;  // of what is broken

    bool is_over() const { return stage == Stage::kPassed || stage == Stage::kBroken; }
  };
  using Lock = std::unique_lock<std::mutex>;

  bool is_broken() const { return round_->stage == Stage::kBroken; }
  void finish(Round& round, const char* reason) {
    round.stage = Stage::kBroken;
    round.reason = reason;
    changed_.notify_all();
  }
  [[noreturn]] static void throw_broken(const Round& round) {
    throw BrokenBarrierError(std::string("barrier wait: ") + round.reason);
  }

  // The round that this party is in, which may have to begin first. Errors: BrokenBarrierError.
  std::shared_ptr<Round> join_round(Lock& lock, const Deadline& deadline);
  // On the thread of the last to come. Errors: BrokenBarrierError; what the action throws.
  void act(Lock& lock, Round& round);

  const std::size_t parties_;
  const std::function<void()> action_;
  const Timeout timeout_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Round> round_ = std::make_shared<Round>();  // guarded by mutex_, as what it holds
};

std::shared_ptr<ThreadBarrier::Round> ThreadBarrier::join_round(Lock& lock,
                                                                const Deadline& deadline) {
  if (!wait_until(changed_, lock, deadline, [this] { return round_->stage != Stage::kActing; }))
    finish(*round_, "the time of a party ran out");
  if (is_broken()) throw_broken(*round_);
  ++round_->arrived;
  return round_;
}

void ThreadBarrier::act(Lock& lock, Round& round) {
  round.stage = Stage::kActing;
  if (action_) {
    lock.unlock();
    try {
      action_();
    } catch (...) {
      lock.lock();
      if (!round.is_over()) finish(round, "its action failed");
      throw;
    }
    lock.lock();
  }
  if (round.is_over()) throw_broken(round);
  auto next = std::make_shared<Round>();
  round.stage = Stage::kPassed;
  round_ = std::move(next);
  changed_.notify_all();
}

std::size_t ThreadBarrier::wait(Timeout timeout) {
  const Deadline deadline = deadline_after(timeout);
  Lock lock(mutex_);
  const std::shared_ptr<Round> round = join_round(lock, deadline);
  const std::size_t index = round->arrived - 1;
  if (round->arrived == parties_) {
    act(lock, *round);
    return index;
  }
  if (!wait_until(changed_, lock, deadline, [&] { return round->is_over(); }))
    finish(*round, "the time of a party ran out");
  if (round->stage == Stage::kBroken) throw_broken(*round);
  return index;
}

}  // namespace internal

namespace threads {
namespace {

constexpr std::int64_t kMostParties = std::int64_t{1} << 22;  // as many threads as Linux can have

std::size_t checked_parties(std::int64_t parties) {
  if (parties >= 1 && parties <= kMostParties) return static_cast<std::size_t>(parties);
  throw ValueError("a barrier cannot have " + std::to_string(parties) + " parties");
}

}  // namespace

Barrier::Barrier(std::int64_t parties, std::function<void()> action, TimeLimit timeout)
    : barrier_(std::make_shared<internal::ThreadBarrier>(
          checked_parties(parties), std::move(action), timeout.nanoseconds())) {}

std::size_t Barrier::wait() const { return barrier_->wait(barrier_->timeout()); }
std::size_t Barrier::wait(TimeLimit timeout) const { return barrier_->wait(timeout.nanoseconds()); }

void Barrier::reset() const { barrier_->reset(); }
void Barrier::abort() const { barrier_->abort(); }
std::size_t Barrier::parties() const { return barrier_->parties(); }
std::size_t Barrier::n_waiting() const { return barrier_->n_waiting(); }
bool Barrier::broken() const { return barrier_->broken(); }

std::ostream& operator<<(std::ostream& out, const Barrier& barrier) {
  out << "<Barrier at " << static_cast<const void*>(barrier.barrier_.get()) << ": ";
  if (barrier.broken()) return out << "broken>";
  return out << "waiters=" << barrier.n_waiting() << '/' << barrier.parties() << '>';
}

}  // namespace threads
}  // namespace mp
