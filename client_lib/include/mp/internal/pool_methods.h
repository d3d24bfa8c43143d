#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <ranges>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/async_result.h"
#include "mp/imap.h"
#include "mp/internal/pool_arguments.h"
#include "mp/internal/pool_call.h"
#include "mp/internal/pool_core.h"
#include "mp/internal/pool_items.h"
#include "mp/internal/pool_job.h"
#include "mp/internal/pool_stream.h"
#include "mp/pool_options.h"

namespace mp::internal {

// As Python: a quarter of a worker's share.
std::size_t default_chunksize(std::size_t items, std::size_t processes);
// Errors: ValueError for 0.
std::size_t checked_chunksize(std::size_t chunksize);

// What Pool and ThreadPool have in common. Self has
//   Chunk<R, F, A...>   of ProcessChunk's form
//   submitter()       a function of (job, first, chunk, limits, admission), which may outlive it
//   runner()          a std::shared_ptr<JobRunner>
//   check_running()   Errors: ValueError, PoolBroken
template <class Self>
class PoolMethods {
 public:
  // Calls the function with the arguments in a worker, and waits for the result.
  //
  // Python: apply(f, args).
  // Errors: what it throws (see RaisedInWorker); WorkerLost; ValueError after close().
  //
  //   int square = pool.apply(square_of, 12);
  template <class F, class... Args>
  auto apply(F function, Args&&... args) {
    using TheCall = CallOf<F, std::tuple<std::decay_t<Args>...>>;
    return result_of<TheCall>(start_one<TheCall>({}, {}, function, std::forward<Args>(args)...));
  }
  // The same with a time limit, or retries: see TaskOptions.
  //
  //   pool.apply(parse, std::tuple(text), {.time_limit = 1s});
  template <class F, class... Args>
  requires std::invocable<const F&, Args...>
  auto apply(F function, std::tuple<Args...> args, TaskOptions options) {
    using TheCall = CallOf<F, std::tuple<Args...>>;
    return result_of<TheCall>(std::apply(
        [&](Args&... each) {
          return start_one<TheCall>({}, limits_of(options), function, std::move(each)...);
        },
        args));
  }

  // The same without waiting.
  //
  // Python: apply_async(f, args, callback=..., error_callback=...).
  // Errors: ValueError after close(); what is thrown while the arguments are written.
  //
  //   auto result = pool.apply_async(square_of, 12);
  //   pool.apply_async(square_of, std::tuple(12), {.callback = [](int n) { std::cout << n; }});
  template <class F, class... Args>
  auto apply_async(F function, Args&&... args) {
    using TheCall = CallOf<F, std::tuple<std::decay_t<Args>...>>;
    self().runner()->dispatch_by_thread();
    return AsyncResult<typename TheCall::Result>(
        start_one<TheCall>({}, {}, function, std::forward<Args>(args)...), self().runner());
  }
  template <class F, class... Args>
  requires std::invocable<const F&, Args...>
  auto apply_async(F function, std::tuple<Args...> args,
                   AsyncOptions<typename CallOf<F, std::tuple<Args...>>::Result> options) {
    using TheCall = CallOf<F, std::tuple<Args...>>;
    self().runner()->dispatch_by_thread();
    return std::apply(
        [&](Args&... each) {
          return AsyncResult<typename TheCall::Result>(
              start_one<TheCall>({std::move(options.callback), std::move(options.error_callback)},
                                 limits_of(options.task), function, std::move(each)...),
              self().runner());
        },
        args);
  }

  // Calls the function with each item, and gives the results in the order of the items.
  //
  // Python: map(f, iterable, chunksize).
  // Blocks: until all are there. Errors: the exception of the first item, in order, that failed,
  // once all are done; ValueError for a chunksize of 0, or after close(); what reading the items
  // throws: those that have begun then go on for nothing, the others are dropped.
  //
  //   std::vector<int> squares = pool.map(square_of, std::views::iota(0, 10));
  template <class F, std::ranges::input_range Items>
  auto map(F function, Items&& items, MapOptions options = {}) {
    return collect<Spread::kNo>(function, std::forward<Items>(items), options);
  }

  // The same for items that are tuples of arguments, or pairs, or arrays.
  //
  // Python: starmap(f, iterable, chunksize).
  //
  //   pool.starmap(power, std::vector<std::pair<double, int>>{{2, 3}, {3, 2}});
  template <class F, std::ranges::input_range Items>
  auto starmap(F function, Items&& items, MapOptions options = {}) {
    return collect<Spread::kYes>(function, std::forward<Items>(items), options);
  }

  // The same without waiting. The items are read before it returns.
  //
  // Python: map_async and starmap_async.
  template <class F, std::ranges::input_range Items>
  auto map_async(
      F function, Items&& items,
      AsyncMapOptions<std::vector<typename CallFor<F, Items, Spread::kNo>::Result>> options = {}) {
    return start_collecting<Spread::kNo>(function, std::forward<Items>(items), std::move(options));
  }
  template <class F, std::ranges::input_range Items>
  auto starmap_async(
      F function, Items&& items,
      AsyncMapOptions<std::vector<typename CallFor<F, Items, Spread::kYes>::Result>> options = {}) {
    return start_collecting<Spread::kYes>(function, std::forward<Items>(items), std::move(options));
  }

  // The results one by one, in the order of the items, or as they come: see Imap.
  //
  // Python: imap(f, iterable, chunksize) and imap_unordered, whose input is read at once unless
  // they are given a buffersize (3.16). Errors: ValueError for a chunksize or buffersize of 0, or
  // after close().
  template <class F, std::ranges::input_range Items>
  auto imap(F function, Items&& items, ImapOptions options = {}) {
    return stream(Order::kOfItems, std::move(function), std::forward<Items>(items), options);
  }
  template <class F, std::ranges::input_range Items>
  auto imap_unordered(F function, Items&& items, ImapOptions options = {}) {
    return stream(Order::kOfArrival, std::move(function), std::forward<Items>(items), options);
  }

  // No more work from now on; what was given goes on. Any number of times.
  void close() { self().runner()->close(); }

  // Ends the workers, and what is not done fails with PoolTerminated. Any number of times.
  void terminate() { self().runner()->terminate(); }

  // Waits until all is done and the workers are gone; false if they are not in time.
  // Errors: ValueError unless close() or terminate() was called.
  bool join(TimeLimit timeout = None) { return self().runner()->join(timeout.nanoseconds()); }

  std::size_t processes() const { return self().runner()->processes(); }

 protected:
  PoolMethods() = default;

 private:
  Self& self() { return static_cast<Self&>(*this); }
  const Self& self() const { return static_cast<const Self&>(*this); }

  template <class TheCall, class F, class... Args>
  auto start_one(Callbacks<typename TheCall::Result> callbacks, const TaskLimits& limits,
                 const F& function, Args&&... args) {
    auto job = std::make_shared<ApplyJob<typename TheCall::Result>>();
    job->set_callbacks(std::move(callbacks));
    typename TheCall::template Chunk<Self> chunk(function);
    chunk.template add<Stays::kYes>(std::forward<Args>(args)...);
    self().submitter()(job, 0, chunk, limits, Admission::kFirst);
    return job;
  }

  template <class TheCall, class JobType>
  auto result_of(const std::shared_ptr<JobType>& job) {
    self().runner()->await(*job, std::nullopt);
    if constexpr (std::is_void_v<typename TheCall::Raw>) {
      job->result();
    } else {
      return std::move(job->result());
    }
  }

  template <Spread kSpread, class F, class Items>
  auto collect(const F& function, Items&& items, const MapOptions& options) {
    using TheCall = CallFor<F, Items, kSpread>;
    const auto job = start_many<TheCall, kSpread>({}, function, std::forward<Items>(items),
                                                  options.chunksize, limits_of(options.task));
    self().runner()->await(*job, std::nullopt);
    return std::move(job->result());
  }

  template <Spread kSpread, class F, class Items, class Options>
  auto start_collecting(const F& function, Items&& items, Options options) {
    using TheCall = CallFor<F, Items, kSpread>;
    self().runner()->dispatch_by_thread();
    return AsyncResult<std::vector<typename TheCall::Result>>(
        start_many<TheCall, kSpread>(
            {std::move(options.callback), std::move(options.error_callback)}, function,
            std::forward<Items>(items), options.chunksize, limits_of(options.task)),
        self().runner());
  }

  template <class TheCall, Spread kSpread, class F, class Items>
  auto start_many(Callbacks<std::vector<typename TheCall::Result>> callbacks, const F& function,
                  Items&& items, std::optional<std::size_t> chunksize, const TaskLimits& limits) {
    if constexpr (!std::ranges::forward_range<Items> && !std::ranges::sized_range<Items>) {
      std::vector<std::ranges::range_value_t<Items>> read;
      for (auto&& item : items) read.push_back(std::forward<decltype(item)>(item));
      return start_many<TheCall, kSpread>(std::move(callbacks), function, std::move(read),
                                          chunksize, limits);
    } else {
      const auto count = static_cast<std::size_t>(std::ranges::distance(items));
      auto job = std::make_shared<MapJob<typename TheCall::Result>>(count);
      job->set_callbacks(std::move(callbacks));
      const std::size_t size = checked_chunksize(
          chunksize.value_or(default_chunksize(count, self().runner()->processes())));
      self().check_running();
      if (count == 0) job->deliver(0, 0, {});
      try {
        auto next = first_of<Items>(items);
        for (std::size_t first = 0; first < count; first += size) {
          typename TheCall::template Chunk<Self> chunk(function);
          for (std::size_t left = std::min(size, count - first); left > 0; --left, ++next)
            add_item<kSpread, stays<Items>()>(chunk, *next);
          self().submitter()(job, first, chunk, limits,
                             first == 0 ? Admission::kFirst : Admission::kFurther);
        }
      } catch (...) {
        self().runner()->abandon(job);
        throw;
      }
      return job;
    }
  }

  template <class F, class Items>
  auto stream(Order order, F function, Items&& items, const ImapOptions& options) {
    using TheCall = CallFor<F, Items, Spread::kNo>;
    using R = typename TheCall::Result;
    const std::size_t chunksize = checked_chunksize(options.chunksize);
    constexpr std::size_t kAhead = 16;
    const std::size_t buffersize = checked_chunksize(
        options.buffersize.value_or(kAhead * self().runner()->processes() * chunksize));
    const std::size_t at_once = std::min(chunksize, buffersize);
    self().check_running();
    self().runner()->dispatch_by_thread();
    auto job = std::make_shared<StreamJob<R>>(order);
    return Imap<R>(
        job, self().runner(), buffersize - at_once,
        feeder<TheCall, Self>(self().submitter(), job, std::move(function),
                              std::forward<Items>(items), at_once, limits_of(options.task)));
  }
};

}  // namespace mp::internal
