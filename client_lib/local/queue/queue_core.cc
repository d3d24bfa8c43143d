#include "mp/internal/queue_core.h"

#include <algorithm>
#include <atomic>
#include <initializer_list>
#include <new>
#include <string>
#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/line.h"
#include "client_lib/local/shared/memory.h"
#include "client_lib/local/shared/monitor.h"
#include "client_lib/local/shared/ring.h"
#include "client_lib/local/shared/spin.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

constexpr const char* kWhat = "a queue";
constexpr std::size_t kPage = 4096;
constexpr Timeout kDoNotWait = std::chrono::nanoseconds::zero();
constexpr Spin kSpin{.budget = std::chrono::microseconds(20), .most_yields = 1};

// In shared memory, at the head of a segment whose rest is the ring's.
//
// Invariant: the ring holds `count` records, at most `maxsize` of them unless that is 0.
struct QueueState {
  explicit QueueState(std::size_t most) : maxsize(most) {}

  std::size_t room() const {
    return maxsize == 0 ? static_cast<std::size_t>(-1) : maxsize - count.get();
  }

  // What stands of a word. Who was killed while it changed the word has changed nothing, also where
  // nobody has come since to take it back, or somebody does so between our two looks.
  std::uint64_t standing(const Word& word) {
    const std::uint64_t seen = word.get();
    if (monitor.changes.load(std::memory_order_acquire) == 0 && word.get() == seen) return seen;
    const InMonitor in(monitor);
    return word.get();
  }

  Monitor monitor;
  const std::size_t maxsize;
  Ring ring;
  Word count;
  Word unfinished;
  Word is_shut_down;
  ProcessorWord putters_processor = 0;
  ProcessorWord getters_processor = 0;
  Line getters;
  Line putters;
  Line joiners;
};

constexpr std::size_t kRingAt = (sizeof(QueueState) + kPage - 1) / kPage * kPage;

void ring_all(std::initializer_list<Line::Place*> places) {
  for (Line::Place* const place : places)
    if (place != nullptr) Line::ring(*place);
}

std::string after(Timeout timeout) {
  if (!timeout || timeout->count() == 0) return " at this moment";
  const auto milliseconds = std::chrono::duration<double, std::milli>(*timeout).count();
  std::string text = std::to_string(milliseconds);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return " after " + text + "ms";
}

}  // namespace

// What stands behind a queue and its copies in this process.
struct QueueHandle {
  explicit QueueHandle(std::shared_ptr<Segment> given, QueueState& in_it)
      : segment(std::move(given)), shared(in_it), memory(segment->fd(), kRingAt) {}

  void require_open(const char* verb) const {
    if (!closed.load(std::memory_order_relaxed)) return;
    throw ValueError(std::string("cannot ") + verb + ": the queue is closed in this process");
  }

  Attempt put(InMonitor& in, std::span<const std::string_view> items, Line::Place*& getter);
  // What an attempt to take items came to.
  struct Taking {
    const std::size_t max;
    const ItemReader read;
    std::size_t taken = 0;
    Line::Place* putter = nullptr;
  };
  Attempt get(InMonitor& in, bool closely, Taking& taking);

  // Until an attempt succeeds, which it may once it is `ready`; false after `timeout`.
  template <class Ready, class Try>
  bool wait(Line& line, const ProcessorWord& others, Timeout timeout, const Ready& ready,
            const Try& attempt) const {
    if (!ready() && timeout != kDoNotWait) await_soon(others, kSpin, ready);
    return try_before_line(shared.monitor, line, attempt) ||
           wait_in_line(shared.monitor, line, deadline_after(timeout), attempt);
  }

  const std::shared_ptr<Segment> segment;
  QueueState& shared;
  std::atomic<bool> closed = false;
  Tail memory;  // in the monitor
};

// The bytes are written where nobody looks yet; the words come last.
Attempt QueueHandle::put(InMonitor& in, std::span<const std::string_view> items,
                         Line::Place*& getter) {
  if (shared.is_shut_down.get() != 0) throw ShutDown("queue put: the queue was shut down");
  if (shared.room() < items.size()) return Attempt::kFailed;
  shared.ring.push(in, memory, items);
  in.add(shared.count, items.size());
  in.add(shared.unfinished, items.size());
  getter = shared.getters.offer(in);
  return shared.room() > 0 ? Attempt::kTakenAndMoreLeft : Attempt::kTaken;
}

// Who looks closely does not wait, or has waited for a while: the queue is not in use now.
Attempt QueueHandle::get(InMonitor& in, bool closely, Taking& taking) {
  const std::size_t count = std::min<std::size_t>(taking.max, shared.count.get());
  if (count == 0) {
    if (shared.is_shut_down.get() != 0)
      throw ShutDown("queue get: the queue was shut down, and is empty");
    if (closely) shared.ring.tidy(in, memory);
    return Attempt::kFailed;
  }
  in.set(shared.count, shared.count.get() - count);
  taking.putter = shared.putters.offer(in);
  shared.ring.pop(in, memory, count, taking.read);
  taking.taken = count;
  return shared.count.get() > 0 ? Attempt::kTakenAndMoreLeft : Attempt::kTaken;
}

QueueCore::QueueCore(std::shared_ptr<QueueHandle> handle) : handle_(std::move(handle)) {}

QueueCore::QueueCore(std::size_t maxsize) {
  auto segment = std::make_shared<Segment>(kRingAt);
  auto& state = *new (segment->data()) QueueState(maxsize);
  handle_ = std::make_shared<QueueHandle>(std::move(segment), state);
  InMonitor in(state.monitor);
  state.ring.set_up(in, handle_->memory);
  in.commit();
}

bool QueueCore::put(std::span<const std::string_view> items, Timeout timeout) const {
  handle_->require_open("put");
  QueueState& queue = handle_->shared;
  if (queue.maxsize != 0 && items.size() > queue.maxsize) {
    throw ValueError("queue put: " + std::to_string(items.size()) +
                     " items will never fit a queue of at most " + std::to_string(queue.maxsize));
  }
  if (items.empty()) return true;
  publish_processor(queue.putters_processor);
  Line::Place* getter = nullptr;
  const bool done = handle_->wait(
      queue.putters, queue.getters_processor, timeout, [&] { return queue.room() >= items.size(); },
      [&](InMonitor& in, bool) { return handle_->put(in, items, getter); });
  ring_all({getter});
  return done;
}

std::size_t QueueCore::get(std::size_t max, Timeout timeout, ItemReader read) const {
  handle_->require_open("get");
  if (max == 0) throw ValueError("queue get: at least one item is to be asked for");
  QueueState& queue = handle_->shared;
  publish_processor(queue.getters_processor);
  QueueHandle::Taking taking{.max = max, .read = read};
  handle_->wait(
      queue.getters, queue.putters_processor, timeout, [&] { return queue.count.get() != 0; },
      [&](InMonitor& in, bool closely) { return handle_->get(in, closely, taking); });
  ring_all({taking.putter});
  return taking.taken;
}

std::size_t QueueCore::task_done() const {
  QueueState& queue = handle_->shared;
  Line::Place* joiner = nullptr;
  std::size_t left = 0;
  {
    InMonitor in(queue.monitor);
    left = queue.unfinished.get();
    if (left == 0) throw ValueError("queue task_done: called more often than items were put");
    in.set(queue.unfinished, --left);
    if (left == 0) joiner = queue.joiners.offer(in);
    in.commit();
  }
  ring_all({joiner});
  return left;
}

bool QueueCore::join(Timeout timeout) const {
  QueueState& queue = handle_->shared;
  return wait_in_line(queue.monitor, queue.joiners, deadline_after(timeout), [&](InMonitor&, bool) {
    return queue.unfinished.get() == 0 ? Attempt::kTakenAndMoreLeft : Attempt::kFailed;
  });
}

std::size_t QueueCore::size() const { return handle_->shared.standing(handle_->shared.count); }
std::size_t QueueCore::maxsize() const { return handle_->shared.maxsize; }
std::size_t QueueCore::unfinished() const {
  return handle_->shared.standing(handle_->shared.unfinished);
}
std::size_t QueueCore::waiting_getters() const { return handle_->shared.getters.size(); }
std::size_t QueueCore::waiting_putters() const { return handle_->shared.putters.size(); }
bool QueueCore::is_shut_down() const {
  return handle_->shared.standing(handle_->shared.is_shut_down) != 0;
}

// Each who waits leaves with an error, and passes on to the next that there is something to see.
void QueueCore::shutdown(ShutdownOptions how) const {
  QueueState& queue = handle_->shared;
  Line::Place* getter = nullptr;
  Line::Place* putter = nullptr;
  Line::Place* joiner = nullptr;
  {
    InMonitor in(queue.monitor);
    in.set(queue.is_shut_down, 1);
    if (how.immediate) {
      in.set(queue.unfinished, queue.unfinished.get() - queue.count.get());
      in.set(queue.count, 0);
      queue.ring.clear(in);
      if (queue.unfinished.get() == 0) joiner = queue.joiners.offer(in);
    }
    getter = queue.getters.offer(in);
    putter = queue.putters.offer(in);
    in.commit();
  }
  ring_all({getter, putter, joiner});
}

void QueueCore::close() const { handle_->closed.store(true, std::memory_order_relaxed); }

BlockTicket QueueCore::pack() const {
  const auto& segment = handle_->segment;
  return {OutgoingDescriptors::current(kWhat).add(segment->fd(), segment), 0, sizeof(QueueState)};
}

QueueCore QueueCore::unpack(const BlockTicket& ticket) {
  const int fd = IncomingDescriptors::current(kWhat).at(ticket.descriptor);
  if (ticket.size != sizeof(QueueState)) throw ValueError("this is not the memory of a queue");
  auto segment = Segment::adopt(fd, kRingAt);
  auto& state = *std::launder(reinterpret_cast<QueueState*>(segment->data()));
  return QueueCore(std::make_shared<QueueHandle>(std::move(segment), state));
}

void throw_empty(Timeout timeout) { throw Empty("queue get: empty" + after(timeout)); }

void throw_full(std::size_t maxsize, Timeout timeout) {
  throw Full("queue put: full with " + std::to_string(maxsize) + " items" + after(timeout));
}

}  // namespace mp::internal
