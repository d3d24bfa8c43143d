#include "mp/internal/queue_core.h"

#include <algorithm>
#include <atomic>
#include <cstring>
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

// In shared memory, at the head of a segment whose rest is the ring's.
//
// Invariant: the ring holds `count` records, at most `maxsize` of them unless that is 0.
struct QueueState {
  explicit QueueState(std::size_t most) : maxsize(most) {}

  std::size_t room() const {
    return maxsize == 0 ? static_cast<std::size_t>(-1) : maxsize - count.get();
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
  Attempt get(InMonitor& in, std::size_t max, TakenItems& items, Line::Place*& putter);

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
  shared.ring.tidy(in, memory);
  shared.ring.push(in, memory, items);
  in.add(shared.count, items.size());
  in.add(shared.unfinished, items.size());
  getter = shared.getters.offer(in);
  return shared.room() > 0 ? Attempt::kTakenAndMoreLeft : Attempt::kTaken;
}

Attempt QueueHandle::get(InMonitor& in, std::size_t max, TakenItems& items, Line::Place*& putter) {
  const std::size_t count = std::min<std::size_t>(max, shared.count.get());
  if (count == 0) {
    if (shared.is_shut_down.get() != 0)
      throw ShutDown("queue get: the queue was shut down, and is empty");
    shared.ring.tidy(in, memory);
    return Attempt::kFailed;
  }
  shared.ring.pop(in, memory, count, [&](std::size_t size) { return items.add(size); });
  in.set(shared.count, shared.count.get() - count);
  putter = shared.putters.offer(in);
  return shared.count.get() > 0 ? Attempt::kTakenAndMoreLeft : Attempt::kTaken;
}

namespace {

// What a thread keeps between two gets, so that large items need no fresh pages each time.
thread_local TakenItems::Memory spare;
constexpr std::size_t kLargestSpare = std::size_t{4} << 20U;
constexpr std::size_t kLeastMemory = 256;

}  // namespace

TakenItems::TakenItems() : memory_(std::move(spare)) { spare.size = 0; }

TakenItems::~TakenItems() {
  if (memory_.data && memory_.size > spare.size && memory_.size <= kLargestSpare)
    spare = std::move(memory_);
}

char* TakenItems::add(std::size_t size) {
  const std::size_t begin = ends_.empty() ? 0 : ends_.back();
  if (!memory_.data || begin + size > memory_.size) {
    const std::size_t larger = std::max({kLeastMemory, begin + size, 2 * begin});
    auto data = std::make_unique_for_overwrite<char[]>(larger);
    if (begin != 0) std::memcpy(data.get(), memory_.data.get(), begin);
    memory_ = {std::move(data), larger};
  }
  ends_.push_back(begin + size);
  return memory_.data.get() + begin;
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
  const bool done =
      wait_in_line(queue.monitor, queue.putters, deadline_after(timeout),
                   [&](InMonitor& in, bool) { return handle_->put(in, items, getter); });
  ring_all({getter});
  return done;
}

TakenItems QueueCore::get(std::size_t max, Timeout timeout) const {
  handle_->require_open("get");
  if (max == 0) throw ValueError("queue get: at least one item is to be asked for");
  QueueState& queue = handle_->shared;
  TakenItems items;
  if (queue.count.get() == 0 && !(timeout && timeout->count() == 0))
    spin_until(queue.putters_processor, [&] { return queue.count.get() != 0; });
  Line::Place* putter = nullptr;
  wait_in_line(queue.monitor, queue.getters, deadline_after(timeout),
               [&](InMonitor& in, bool) { return handle_->get(in, max, items, putter); });
  ring_all({putter});
  return items;
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

std::size_t QueueCore::size() const { return handle_->shared.count.get(); }
std::size_t QueueCore::maxsize() const { return handle_->shared.maxsize; }
std::size_t QueueCore::unfinished() const { return handle_->shared.unfinished.get(); }
std::size_t QueueCore::waiting_getters() const { return handle_->shared.getters.size(); }
std::size_t QueueCore::waiting_putters() const { return handle_->shared.putters.size(); }
bool QueueCore::is_shut_down() const { return handle_->shared.is_shut_down.get() != 0; }

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
