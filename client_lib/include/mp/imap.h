#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "mp/errors.h"
#include "mp/internal/pool_core.h"
#include "mp/internal/pool_job.h"
#include "mp/internal/pool_stream.h"
#include "mp/time_limit.h"

namespace mp {

// The results of imap() and imap_unordered(), one by one, while the workers go on with what
// follows.
//
// Python: multiprocessing.pool.IMapIterator. The input is read as results are taken, on the thread
// that takes them, and never further ahead than `buffersize` items: it may be endless. After the
// end of the pool it is read no more, and the next item is an error.
//
// Thread-safety: one thread at a time. It keeps the workers' side of the pool alive, and its input,
// unless that was handed over by reference.
//
//   for (int square : pool.imap(square_of, std::views::iota(0))) { if (square > 100) break; }
template <class R>
class Imap {
 public:
  using value_type = R;

  // For the library. `feed` hands out some more items, and gives false at the end of the input. It
  // is asked to while no more than `enough` are in flight.
  Imap(std::shared_ptr<internal::StreamJob<R>> job, std::shared_ptr<internal::JobRunner> pool,
       std::size_t enough, std::function<bool()> feed)
      : job_(std::move(job)), pool_(std::move(pool)), enough_(enough), feed_(std::move(feed)) {
    fill();
  }
  Imap(Imap&&) noexcept = default;
  Imap& operator=(Imap&&) noexcept = default;
  // What is still to be done is done, and nobody asks.
  ~Imap() = default;

  // The next result; nullopt at the end of the input.
  // Blocks: until it is there, at most `timeout`.
  // Errors: what the call for this item has thrown, and what reading the input has, each at its
  // place: the next call goes on. TimeoutError: nothing is lost. ProcessError in a forked child,
  // and in a callback of the pool if it is not there.
  std::optional<R> next(TimeLimit timeout = None) {
    pool_->require_own_process();
    fill();
    if (job_->in_flight() == 0) {
      if (input_error_) std::rethrow_exception(std::exchange(input_error_, nullptr));
      return std::nullopt;
    }
    if (!job_->has_next()) pool_->require_others_to_deliver();
    auto outcome = job_->next(timeout.nanoseconds());
    if (!outcome) throw TimeoutError("the next result of imap is not there yet");
    if (const auto* error = std::get_if<2>(&*outcome)) std::rethrow_exception(*error);
    return std::move(std::get<1>(*outcome));
  }

  // Nothing more is read. What was read and has not begun is not begun any more; the worker that is
  // at it is killed and replaced (a thread goes on). Each of these is Cancelled, at its place.
  // False if there was none.
  bool cancel() {
    feed_ = nullptr;
    job_->end();
    return pool_->cancel(job_);
  }

  // How many items were read, and of how many of them the result, or the error, has come.
  Progress progress() const { return job_->progress(); }

  // Over what is left. The first error ends it; another loop goes on behind it.
  class Iterator {
   public:
    using value_type = R;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(Imap& all) : all_(&all), result_(all.next()) {}
    R& operator*() const { return *result_; }
    Iterator& operator++() {
      result_ = all_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& left, std::default_sentinel_t) {
      return !left.result_.has_value();
    }

   private:
    Imap* all_;
    mutable std::optional<R> result_;
  };

  Iterator begin() { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  void fill() {
    while (feed_ && job_->in_flight() <= enough_) {
      try {
        if (!feed_()) feed_ = nullptr;
      } catch (...) {
        feed_ = nullptr;
        input_error_ = std::current_exception();
      }
    }
  }

  std::shared_ptr<internal::StreamJob<R>> job_;
  std::shared_ptr<internal::JobRunner> pool_;
  std::size_t enough_;
  std::function<bool()> feed_;
  std::exception_ptr input_error_;
};

}  // namespace mp
