#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "mp/async_result.h"
#include "mp/internal/pieces.h"
#include "mp/internal/pool_job.h"
#include "mp/internal/raised.h"

namespace mp::internal {

void Job::take(std::size_t count, const std::function<void()>& store) noexcept {
  std::unique_lock lock(mutex_);
  store();
  done_items_ += count;
  look_for_end(std::move(lock));
}

void Job::deliver(std::size_t first, std::size_t count, std::string_view reply) noexcept {
  take(count, [&] {
    PartReader items(reply);
    for (std::size_t item = first; item < first + count; ++item) {
      try {
        const Part part = items.next();
        if (part.is_error) {
          store_error(item, unpack_exception(part.bytes));
        } else {
          store_value(item, part.bytes);
        }
      } catch (...) {
        store_error(item, std::current_exception());
      }
    }
  });
}

void Job::fail(std::size_t first, std::size_t count, const std::exception_ptr& error) noexcept {
  take(count, [&] {
    for (std::size_t item = first; item < first + count; ++item) store_error(item, error);
  });
}

void Job::set_items(std::size_t items) noexcept {
  std::unique_lock lock(mutex_);
  items_ = items;
  look_for_end(std::move(lock));
}

void Job::look_for_end(std::unique_lock<std::mutex> lock) noexcept {
  changed_.notify_all();
  if (!items_ || done_items_ < *items_ || finisher_) return;
  finisher_ = std::this_thread::get_id();
  lock.unlock();
  finish();
  lock.lock();
  is_done_.store(true, std::memory_order_release);
  const auto then = std::exchange(then_, {});
  changed_.notify_all();
  lock.unlock();
  for (const auto& call : then) call();
}

void Job::require_others_to_finish() const {
  const std::lock_guard lock(mutex_);
  if (finisher_ == std::this_thread::get_id() && !is_done())
    throw ProcessError("a callback can't wait for the result that it is told of");
}

bool Job::wait_done(Timeout timeout) const {
  if (is_done()) return true;
  require_others_to_finish();
  std::unique_lock lock(mutex_);
  if (timeout) return changed_.wait_for(lock, *timeout, [this] { return is_done(); });
  changed_.wait(lock, [this] { return is_done(); });
  return true;
}

void Job::when_done(std::function<void()> then) {
  if (!is_done()) {
    const std::lock_guard lock(mutex_);
    if (!is_done()) {
      then_.push_back(std::move(then));
      return;
    }
  }
  then();
}

Progress Job::progress() const {
  const std::lock_guard lock(mutex_);
  return {done_items_, items_.value_or(done_items_)};
}

void Arrivals::note_when_done(std::size_t place, Job& job) {
  job.when_done([arrivals = shared_from_this(), place] {
    const std::lock_guard lock(arrivals->mutex_);
    arrivals->places_.push_back(place);
    arrivals->came_.notify_one();
  });
}

std::optional<std::size_t> Arrivals::next(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto has_come = [this] { return taken_ < places_.size(); };
  if (never_ && !has_come()) std::rethrow_exception(never_);
  if (!deadline) {
    came_.wait(lock, has_come);
  } else if (!came_.wait_until(lock, *deadline, has_come)) {
    return std::nullopt;
  }
  return places_[taken_++];
}

Arrivals::Deadline Arrivals::deadline_of(Timeout timeout) { return deadline_after(timeout); }

}  // namespace mp::internal
