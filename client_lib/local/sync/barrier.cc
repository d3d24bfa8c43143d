#include "mp/local/barrier.h"

#include <ostream>
#include <string>
#include <utility>

#include "client_lib/local/shared/memory.h"
#include "client_lib/local/shared/shared_barrier.h"
#include "mp/errors.h"

namespace mp {

using internal::Block;
using internal::SharedBarrier;
using Outcome = SharedBarrier::Outcome;

namespace internal {

// What stands behind a Barrier and its copies in this process.
struct BarrierHandle {
  const Block block;
  SharedBarrier& shared;
  const std::function<void()> action;

  std::size_t wait(Timeout timeout);
  Outcome run_action(const SharedBarrier::Result& acting);
};

}  // namespace internal

using internal::BarrierHandle;

namespace {

constexpr const char* kWhat = "a barrier";

const char* reason_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kTimedOut:
      return "the time of a party ran out";
    case Outcome::kAborted:
      return "it was aborted";
    case Outcome::kReset:
      return "it was reset";
    case Outcome::kPartyDied:
      return "the process of a party ended";
    case Outcome::kActionFailed:
      return "its action failed";
    case Outcome::kOpen:
    case Outcome::kActing:
    case Outcome::kPassed:
      break;
  }
  return "nobody knows why";
}

std::size_t checked_parties(std::int64_t parties) {
  if (parties >= 1 && static_cast<std::size_t>(parties) <= SharedBarrier::kMostParties)
    return static_cast<std::size_t>(parties);
  throw ValueError("a barrier cannot have " + std::to_string(parties) + " parties");
}

std::shared_ptr<BarrierHandle> make_handle(std::size_t parties, std::function<void()> action,
                                           internal::Timeout timeout) {
  const auto block = Block::make(SharedBarrier::size_for(parties));
  auto& shared = internal::construct_in<SharedBarrier>(block, parties, timeout);
  return std::make_shared<BarrierHandle>(BarrierHandle{block, shared, std::move(action)});
}

}  // namespace

namespace internal {

std::size_t BarrierHandle::wait(Timeout timeout) {
  using Brings = SharedBarrier::Brings;
  const auto result =
      shared.wait(deadline_after(timeout), action ? Brings::kAction : Brings::kNoAction);
  const Outcome outcome = result.outcome == Outcome::kActing ? run_action(result) : result.outcome;
  if (outcome == Outcome::kPassed) return result.index;
  throw BrokenBarrierError(std::string("barrier wait: ") + reason_of(outcome));
}

Outcome BarrierHandle::run_action(const SharedBarrier::Result& acting) {
  try {
    action();
  } catch (...) {
    shared.finish(acting, Outcome::kActionFailed);
    throw;
  }
  return shared.finish(acting, Outcome::kPassed);
}

}  // namespace internal

Barrier::Barrier(std::int64_t parties, std::function<void()> action, TimeLimit timeout)
    : Barrier(make_handle(checked_parties(parties), std::move(action), timeout.nanoseconds())) {}
Barrier::Barrier(std::shared_ptr<BarrierHandle> handle) : handle_(std::move(handle)) {}

std::size_t Barrier::wait() const { return handle_->wait(handle_->shared.timeout()); }
std::size_t Barrier::wait(TimeLimit timeout) const { return handle_->wait(timeout.nanoseconds()); }

void Barrier::reset() const { handle_->shared.reset(); }
void Barrier::abort() const { handle_->shared.abort(); }
std::size_t Barrier::parties() const { return handle_->shared.parties(); }
std::size_t Barrier::n_waiting() const { return handle_->shared.n_waiting(); }
bool Barrier::broken() const { return handle_->shared.is_broken(); }

internal::BlockTicket Barrier::pack() const { return handle_->block.pack(kWhat); }

Barrier Barrier::unpack(const internal::BlockTicket& ticket) {
  const auto block = Block::unpack(kWhat, ticket);
  auto& shared = internal::object_in<SharedBarrier>(block);
  internal::require_size(block, SharedBarrier::size_for(shared.parties()));
  return Barrier(std::make_shared<BarrierHandle>(BarrierHandle{block, shared, {}}));
}

std::ostream& operator<<(std::ostream& out, const Barrier& barrier) {
  const SharedBarrier& shared = barrier.handle_->shared;
  out << "<Barrier at " << static_cast<const void*>(&shared) << ": ";
  if (barrier.broken()) return out << "broken>";
  return out << "waiters=" << barrier.n_waiting() << '/' << barrier.parties() << '>';
}

}  // namespace mp
