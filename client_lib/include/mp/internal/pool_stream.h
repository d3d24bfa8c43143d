#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "mp/internal/pool_job.h"
#include "mp/internal/timeout.h"

namespace mp::internal {

enum class Order : bool { kOfItems, kOfArrival };

// Of imap(): outcomes are taken one by one, while items are added.
template <class R>
class StreamJob final : public ItemsOf<Job, R> {
 public:
  explicit StreamJob(Order order) : ItemsOf<Job, R>(std::nullopt), order_(order) {}

  // How many items were handed out and not taken back.
  std::size_t in_flight() const {
    const std::lock_guard lock(this->mutex_);
    return added_ - taken_;
  }
  // The number of the first of `count` items more.
  std::size_t add(std::size_t count) {
    const std::lock_guard lock(this->mutex_);
    added_ += count;
    return added_ - count;
  }
  void end() {
    const std::size_t added = add(0);
    this->set_items(added);
  }

  // Of all items that were added until now.
  Progress progress() const {
    const std::size_t done = Job::progress().done;
    const std::lock_guard lock(this->mutex_);
    return {done, added_};
  }

  bool has_next() const {
    const std::lock_guard lock(this->mutex_);
    return next_is_there();
  }

  // The next outcome; nullopt if it did not come in time. At least one must be in flight.
  std::optional<Outcome<R>> next(Timeout timeout) {
    std::unique_lock lock(this->mutex_);
    const auto is_there = [this] { return next_is_there(); };
    if (!timeout) {
      this->changed_.wait(lock, is_there);
    } else if (!this->changed_.wait_for(lock, *timeout, is_there)) {
      return std::nullopt;
    }
    Outcome<R> outcome = std::move(come_.front());
    come_.pop_front();
    ++taken_;
    return outcome;
  }

 private:
  bool next_is_there() const { return !come_.empty() && come_.front().index() != 0; }

  void store(std::size_t item, Outcome<R> outcome) override {
    if (order_ == Order::kOfArrival) {
      come_.push_back(std::move(outcome));
      return;
    }
    const std::size_t place = item - taken_;
    if (come_.size() <= place) come_.resize(place + 1);
    come_[place] = std::move(outcome);
  }

  const Order order_;
  std::deque<Outcome<R>> come_;  // kOfItems: from item number taken_ on
  std::size_t added_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace mp::internal
