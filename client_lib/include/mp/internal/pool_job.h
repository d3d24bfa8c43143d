#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "mp/internal/plain_bytes.h"
#include "mp/internal/sendable.h"
#include "mp/internal/timeout.h"
#include "mp/none.h"
#include "mp/pool_errors.h"

// A job is one call of a pool: one item for apply(), as many as there are for map(). Its items come
// back in chunks, in any order, each as a value or an exception.

namespace mp {

// How far a job is: items that have an outcome, and all.
struct Progress {
  std::size_t done = 0;
  std::size_t total = 0;
};

}  // namespace mp

namespace mp::internal {

// What is kept of a result.
template <class R>
using ResultOf = std::conditional_t<std::is_void_v<R>, NoneType, std::remove_cvref_t<R>>;

// What can come back from a worker.
template <class R>
concept Returnable = std::same_as<R, NoneType> ||(Codable<R>&& Readable<R>&& is_sound<R>());

// Nothing yet, a result, or an exception.
template <class R>
using Outcome = std::variant<std::monostate, R, std::exception_ptr>;

template <class R>
Outcome<R> failed_with(std::exception_ptr error) {
  return Outcome<R>(std::in_place_index<2>, std::move(error));
}

// Thread-safety: any thread, but for finish(), which runs once.
class Job {
 public:
  // `items`: how many there will be; nullopt: not known before set_items().
  explicit Job(std::optional<std::size_t> items) : items_(items) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // The reply of a worker to `count` items from `first` on. What can't be read becomes the error of
  // its item.
  void deliver(std::size_t first, std::size_t count, std::string_view reply) noexcept;
  // They all fail, and with the same.
  void fail(std::size_t first, std::size_t count, const std::exception_ptr& error) noexcept;

  // All outcomes are in, and callbacks have run.
  bool is_done() const { return is_done_.load(std::memory_order_acquire); }
  // Errors: ProcessError in a callback of the job, before it is done.
  void require_others_to_finish() const;
  bool wait_done(Timeout timeout) const;  // the same
  // Calls `then` once it is done, on the thread that brings the last outcome; at once if it is.
  void when_done(std::function<void()> then);

  Progress progress() const;

 protected:
  // Under the mutex.
  virtual void store_value(std::size_t item, std::string_view bytes) = 0;
  virtual void store_error(std::size_t item, std::exception_ptr error) = 0;

  // All outcomes are in. May run what users wrote.
  virtual void finish() noexcept {}

  // Calls `store` under the mutex, which brings `count` outcomes.
  void take(std::size_t count, const std::function<void()>& store) noexcept;
  // There will be no more items than so many.
  void set_items(std::size_t items) noexcept;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;

 private:
  // Finishes, if `lock` finds that all is in.
  void look_for_end(std::unique_lock<std::mutex> lock) noexcept;

  std::optional<std::size_t> items_;
  std::size_t done_items_ = 0;
  std::optional<std::thread::id> finisher_;  // who runs finish(), or has
  std::atomic<bool> is_done_ = false;
  std::vector<std::function<void()>> then_;
};

// What an item's bytes say.
template <class R>
R read_result(std::string_view bytes) {
  if constexpr (std::same_as<R, NoneType>) {
    return None;
  } else if constexpr (Returnable<R>) {
    try {
      return read_plain<R>(bytes);
    } catch (const std::exception& error) {
      throw MaybeEncodingError(std::string("the result of a task can't be read: ") + error.what());
    }
  } else {
    throw MaybeEncodingError("results of this type do not cross processes");
  }
}

// What the caller is told once the job is done.
template <class Result>
struct Callbacks {
  std::function<void(const Result&)> callback = {};
  std::function<void(const std::exception_ptr&)> error_callback = {};
};

// A job with one result in the end.
template <class Result>
class ResultJob : public Job {
 public:
  using Job::Job;

  // Constant before the first item is handed out.
  void set_callbacks(Callbacks<Result> callbacks) { callbacks_ = std::move(callbacks); }

  // Of a job that is done.
  bool is_successful() const { return result_.index() == 1; }
  Result& result() {
    if (const auto* error = std::get_if<2>(&result_)) std::rethrow_exception(*error);
    return std::get<1>(result_);
  }

 protected:
  // What the items amount to. Once.
  virtual Outcome<Result> collect() = 0;

 private:
  void finish() noexcept override {
    result_ = collect();
    // As in Python since 3.16: what a callback throws takes the place of the result.
    try {
      if (const auto* error = std::get_if<2>(&result_)) {
        if (callbacks_.error_callback) callbacks_.error_callback(*error);
      } else if (callbacks_.callback) {
        callbacks_.callback(std::get<1>(result_));
      }
    } catch (...) {
      result_ = failed_with<Result>(std::current_exception());
    }
    callbacks_ = {};
  }

  Outcome<Result> result_;
  Callbacks<Result> callbacks_;
};

// A job, as those know it who bring outcomes of type R.
template <class Base, class R>
class ItemsOf : public Base {
 public:
  using Base::Base;

  void put(std::size_t item, Outcome<R> outcome) noexcept {
    this->take(1, [&] { store(item, std::move(outcome)); });
  }

 protected:
  virtual void store(std::size_t item, Outcome<R> outcome) = 0;

 private:
  void store_value(std::size_t item, std::string_view bytes) final {
    store(item, Outcome<R>(std::in_place_index<1>, read_result<R>(bytes)));
  }
  void store_error(std::size_t item, std::exception_ptr error) final {
    store(item, failed_with<R>(std::move(error)));
  }
};

// Of apply().
template <class R>
class ApplyJob final : public ItemsOf<ResultJob<R>, R> {
 public:
  ApplyJob() : ItemsOf<ResultJob<R>, R>(1) {}

 private:
  void store(std::size_t, Outcome<R> outcome) override { outcome_ = std::move(outcome); }
  Outcome<R> collect() override { return std::move(outcome_); }

  Outcome<R> outcome_;
};

// Of map(): the results in the order of the items, or the exception of the first that failed.
template <class R>
class MapJob final : public ItemsOf<ResultJob<std::vector<R>>, R> {
 public:
  explicit MapJob(std::size_t items)
      : ItemsOf<ResultJob<std::vector<R>>, R>(items), outcomes_(items) {}

 private:
  using Results = std::vector<R>;

  void store(std::size_t item, Outcome<R> outcome) override {
    outcomes_.at(item) = std::move(outcome);
  }

  Outcome<Results> collect() override {
    Results results;
    results.reserve(outcomes_.size());
    for (Outcome<R>& outcome : outcomes_) {
      if (const auto* error = std::get_if<2>(&outcome)) return failed_with<Results>(*error);
      results.push_back(std::move(std::get<1>(outcome)));
    }
    outcomes_.clear();
    return Outcome<Results>(std::in_place_index<1>, std::move(results));
  }

  std::vector<Outcome<R>> outcomes_;
};

}  // namespace mp::internal
