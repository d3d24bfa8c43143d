#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "tests/linearizability/models/queue.h"
#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// What batches change together: a dict of accounts, which have 100 each at first; a value that
// counts moves; a journal, which is a list and empty; a queue of jobs, which is empty.
//
//   move(argument -> desired)   a batch: so much from this account to the next one, another move, a
//                               line in the journal; where `given` has numbers, if the account has
//                               the first, and the moves are the second, unless absent. What both
//                               accounts have then, the moves and the lines; refused if a condition
//                               does not hold
//   take(argument -> desired)   a batch: a job is taken, so much is added to the account, and a
//   line
//                               to the journal. The job, and in `got` account and lines; refused
//                               if there is no job
//   spoil(argument)             a batch that changes all of it, and then fails: refused, and
//   nothing
//                               has changed
//   read()                      a batch: all accounts and the moves; in `value` the lines, in
//                               `extra` the jobs
//   put, return(argument)       of a job, see Queue. Of the batch that took it, all else stands.
//   get(argument)               an account
//   add(argument -> desired)    to an account; the sum
struct Ledger {
  static constexpr std::size_t kAccounts = 3;
  using Jobs = Queue<std::numeric_limits<std::int32_t>::max()>;

  struct State {
    std::array<std::int64_t, kAccounts> accounts{100, 100, 100};
    std::int64_t moves = 0;
    std::int64_t lines = 0;
    Jobs::State jobs;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    switch (operation.code) {
      case Code::kMove:
        return move(state, operation);
      case Code::kTake:
        return take(state, operation);
      case Code::kSpoil:
        return operation.gives_nothing() ? Next(state) : std::nullopt;
      case Code::kRead:
        return read(state, operation);
      case Code::kPut:
      case Code::kReturn:
        return with_jobs(state, operation);
      case Code::kGet:
        return operation.gives(account(state, operation)) ? Next(state) : std::nullopt;
      case Code::kAdd:
        return added(state, operation);
      default:
        return std::nullopt;
    }
  }

  static std::size_t after(std::size_t account) { return (account + 1) % kAccounts; }

 private:
  static std::size_t index(const Operation& operation) {
    return static_cast<std::size_t>(operation.argument);
  }
  static std::int64_t account(const State& state, const Operation& operation) {
    return state.accounts[index(operation)];
  }

  static bool holds(const State& state, const Operation& operation) {
    if (operation.given.empty()) return true;
    const auto [left, moves, unused, none] = operation.given.items;
    return (left == kAbsent || left == account(state, operation)) &&
           (moves == kAbsent || moves == state.moves);
  }

  static Next move(State state, const Operation& operation) {
    if (!holds(state, operation))
      return operation.gives_nothing() ? Next(std::move(state)) : std::nullopt;
    if (operation.refused()) return std::nullopt;
    std::int64_t& from = state.accounts[index(operation)];
    std::int64_t& to = state.accounts[after(index(operation))];
    from -= operation.desired;
    to += operation.desired;
    const auto results = Numbers::of({from, to, ++state.moves, ++state.lines});
    return operation.gives(results) ? Next(std::move(state)) : std::nullopt;
  }

  static Next with_jobs(State state, const Operation& operation) {
    auto jobs = Jobs::next(state.jobs, operation);
    if (!jobs) return std::nullopt;
    state.jobs = std::move(*jobs);
    return state;
  }

  static Next take(const State& state, const Operation& operation) {
    Operation get = operation;
    get.code = Code::kGet;
    Next taken = with_jobs(state, get);
    if (!taken || operation.refused()) return taken;
    const std::int64_t sum = taken->accounts[index(operation)] += operation.desired;
    return operation.gives(Numbers::of({sum, ++taken->lines})) ? taken : std::nullopt;
  }

  static Next read(const State& state, const Operation& operation) {
    if (operation.pending()) return state;
    const auto [first, second, third] = state.accounts;
    const auto jobs = static_cast<std::int64_t>(state.jobs.items.size());
    const bool seen = operation.gives(Numbers::of({first, second, third, state.moves})) &&
                      operation.value == state.lines && operation.extra == jobs;
    return seen ? Next(state) : std::nullopt;
  }

  static Next added(State state, const Operation& operation) {
    std::int64_t& sum = state.accounts[index(operation)];
    sum += operation.desired;
    return operation.gives(sum) ? Next(std::move(state)) : std::nullopt;
  }
};

}  // namespace mp::linearizability
