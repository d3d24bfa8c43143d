#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "mp/internal/pool_core.h"
#include "mp/internal/pool_job.h"
#include "mp/time_limit.h"

namespace mp {

// The result of a call that a pool was given and that nobody waited for. It comes on every path: a
// worker that is killed, a pool that is terminated give an error.
//
// Python: multiprocessing.pool.AsyncResult, and what concurrent.futures.Future adds.
//
// This is a handle: copies are the same result. It may outlive the pool.
// Thread-safety: any thread.
//
//   mp::AsyncResult<int> result = pool.apply_async(square, 20);
//   std::cout << result.get(1s) << '\n';
template <class Result>
class AsyncResult {
 public:
  using value_type = Result;

  // For the library.
  AsyncResult(std::shared_ptr<internal::ResultJob<Result>> job,
              std::shared_ptr<internal::JobRunner> pool)
      : job_(std::move(job)), pool_(std::move(pool)) {}

  // The result, any number of times.
  // Blocks: until it is there, at most `timeout`.
  // Errors: TimeoutError; what the call has thrown; WorkerLost, TimeLimitExceeded, Cancelled,
  // PoolTerminated, PoolBroken if it did not get that far.
  const Result& get(TimeLimit timeout = None) const& { return wait_for_result(timeout); }
  // Once, as it is moved out, from a handle that is given up: `pool.apply_async(f, x).get()`.
  Result get(TimeLimit timeout = None) && { return std::move(wait_for_result(timeout)); }

  // Waits, and tells whether the result, or the error, is there. (Python gives None.)
  // Errors: ProcessError in a callback of the pool, and in a forked child: it would never come.
  bool wait(TimeLimit timeout = None) const {
    require_to_come();
    return job_->wait_done(timeout.nanoseconds());
  }

  bool ready() const { return job_->is_done(); }

  // Whether it is a result and no error. Errors: ValueError while neither is there.
  bool successful() const {
    if (!ready()) throw ValueError("this result is not ready");
    return job_->is_successful();
  }

  // What has not begun is not begun any more; the worker that is at it is killed and replaced. The
  // result is Cancelled, at once. False if it was there already, or on its way to its callback.
  // Python: Future.cancel(), which leaves alone what has begun.
  bool cancel() const { return pool_->cancel(job_); }

  Progress progress() const { return job_->progress(); }

  // For the library.
  const std::shared_ptr<internal::ResultJob<Result>>& job() const { return job_; }
  // Errors: ProcessError if it is not there and can't come while this thread waits.
  void require_to_come() const {
    if (ready()) return;
    pool_->require_others_to_deliver();
    job_->require_others_to_finish();
  }

 private:
  Result& wait_for_result(TimeLimit timeout) const {
    if (!wait(timeout)) throw TimeoutError("the result of a pool's task is not there yet");
    return job_->result();
  }

  std::shared_ptr<internal::ResultJob<Result>> job_;
  std::shared_ptr<internal::JobRunner> pool_;
};

enum class ReturnWhen { kFirstCompleted, kFirstException, kAllCompleted };

namespace internal {

template <class R>
inline constexpr bool kIsAsyncResult = false;
template <class Result>
inline constexpr bool kIsAsyncResult<AsyncResult<Result>> = true;

// Which of some jobs are done, in the order in which that happened.
class Arrivals : public std::enable_shared_from_this<Arrivals> {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  template <class Result>
  void watch(std::size_t place, const AsyncResult<Result>& result) {
    try {
      result.require_to_come();
    } catch (const ProcessError&) {
      never_ = std::current_exception();
      return;
    }
    note_when_done(place, *result.job());
  }
  // The place of one more; nullopt if none came in time.
  // Errors: ProcessError in place of waiting, if there is one that can't come.
  std::optional<std::size_t> next(Deadline deadline);

  static Deadline deadline_of(Timeout timeout);

 private:
  void note_when_done(std::size_t place, Job& job);

  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::size_t> places_;
  std::size_t taken_ = 0;
  std::exception_ptr never_;  // constant once all are watched
};

}  // namespace internal

// What as_completed() takes: a range of AsyncResult, to be gone through more than once.
template <class R>
concept AsyncResults = std::ranges::forward_range<R> &&
    internal::kIsAsyncResult<std::remove_cvref_t<std::ranges::range_reference_t<R>>>;

// What as_completed() gives: a range to go through once, which stays where it is.
template <class Handle>
class CompletedResults {
 public:
  // For the library.
  CompletedResults(std::vector<Handle> results, TimeLimit timeout)
      : all_(std::move(results)),
        deadline_(internal::Arrivals::deadline_of(timeout.nanoseconds())) {
    for (std::size_t i = 0; i < all_.size(); ++i) arrivals_->watch(i, all_[i]);
  }

  CompletedResults(const CompletedResults&) = delete;
  CompletedResults& operator=(const CompletedResults&) = delete;

  class Iterator {
   public:
    using value_type = Handle;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(CompletedResults& all) : all_(&all) { ++*this; }
    const Handle& operator*() const { return all_->all_[place_]; }
    Iterator& operator++() {
      is_at_end_ = all_->given_ == all_->all_.size();
      if (!is_at_end_) place_ = all_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& left, std::default_sentinel_t) {
      return left.is_at_end_;
    }

   private:
    CompletedResults* all_;
    std::size_t place_ = 0;
    bool is_at_end_ = false;
  };

  Iterator begin() { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::size_t next() {
    const auto place = arrivals_->next(deadline_);
    if (!place) {
      throw TimeoutError(std::to_string(all_.size() - given_) + " of " +
                         std::to_string(all_.size()) + " results have not come in time");
    }
    ++given_;
    return *place;
  }

  std::vector<Handle> all_;
  std::shared_ptr<internal::Arrivals> arrivals_ = std::make_shared<internal::Arrivals>();
  internal::Arrivals::Deadline deadline_;
  std::size_t given_ = 0;
};

// The results of `results` in the order in which they come, as they come.
//
// Python: concurrent.futures.as_completed().
// Errors: where the next is asked for, TimeoutError if not all came in time, and ProcessError if
// one is missing that can't come, as AsyncResult::wait() says.
//
//   for (const auto& result : mp::as_completed(results)) std::cout << result.get() << '\n';
template <AsyncResults Results>
auto as_completed(const Results& results, TimeLimit timeout = None) {
  using Handle = std::remove_cvref_t<std::ranges::range_reference_t<const Results>>;
  return CompletedResults<Handle>(
      std::vector<Handle>(std::ranges::begin(results), std::ranges::end(results)), timeout);
}

// Those that are done, and the others, each in the order given.
template <class Handle>
struct DoneAndNotDone {
  std::vector<Handle> done;
  std::vector<Handle> not_done;
};

// Waits until the first of them is done, or has failed, or all are done; at most `timeout`.
//
// Python: concurrent.futures.wait().
// Errors: ProcessError if it would wait and one can't come, as AsyncResult::wait() says.
//
//   auto [done, not_done] = mp::wait(results, mp::ReturnWhen::kFirstCompleted, 1s);
template <AsyncResults Results>
auto wait(const Results& results, ReturnWhen when = ReturnWhen::kAllCompleted,
          TimeLimit timeout = None) {
  using Handle = std::remove_cvref_t<std::ranges::range_reference_t<Results>>;
  const auto arrivals = std::make_shared<internal::Arrivals>();
  const std::vector<Handle> all(std::ranges::begin(results), std::ranges::end(results));
  for (std::size_t i = 0; i < all.size(); ++i) arrivals->watch(i, all[i]);
  const auto deadline = internal::Arrivals::deadline_of(timeout.nanoseconds());
  for (std::size_t come = 0; come < all.size(); ++come) {
    const auto place = arrivals->next(deadline);
    if (!place || when == ReturnWhen::kFirstCompleted) break;
    if (when == ReturnWhen::kFirstException && !all[*place].successful()) break;
  }
  DoneAndNotDone<Handle> sorted;
  for (const Handle& result : all)
    (result.ready() ? sorted.done : sorted.not_done).push_back(result);
  return sorted;
}

}  // namespace mp
