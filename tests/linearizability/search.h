#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// Which operations have had their moment.
class Chosen {
 public:
  explicit Chosen(std::size_t count) : words_((count + 63) / 64) {}

  void flip(std::size_t index) { words_[index / 64] ^= std::uint64_t{1} << (index % 64); }
  bool operator==(const Chosen&) const = default;

  struct Hash {
    std::size_t operator()(const Chosen& chosen) const {
      std::size_t hash = 0;
      for (const std::uint64_t word : chosen.words_)
        hash = (hash ^ std::hash<std::uint64_t>{}(word)) * 0x9E3779B97F4A7C15U;
      return hash ^ (hash >> 32U);
    }
  };

 private:
  std::vector<std::uint64_t> words_;
};

// The invocations and returns of a history in the order of their times, as a list that operations
// can be taken out of and put back into, the last first. Pending operations have no return.
class Timeline {
 public:
  static constexpr std::size_t kEnd = 0;

  explicit Timeline(const History& history);

  std::size_t first() const { return events_[kEnd].next; }
  std::size_t next(std::size_t event) const { return events_[event].next; }
  std::size_t operation(std::size_t event) const { return events_[event].operation; }
  bool is_return(std::size_t event) const { return events_[event].is_return; }
  // No operation is left whose result somebody has seen.
  bool all_returned() const { return returns_left_ == 0; }

  void take(std::size_t operation);
  void put_back(std::size_t operation);
  std::size_t invocation(std::size_t operation) const { return invocations_[operation]; }

 private:
  struct Event {
    std::size_t operation = 0;
    bool is_return = false;
    std::size_t next = kEnd;
    std::size_t previous = kEnd;
  };

  void unlink(std::size_t event);
  void link(std::size_t event);

  std::vector<Event> events_;  // the first stands for both ends
  std::vector<std::size_t> invocations_;
  std::vector<std::size_t> returns_;  // kEnd: of a pending operation
  std::size_t returns_left_ = 0;
};

// For an order of the history's operations that the model M allows: depth first, and never again
// from a configuration (which operations, what state) that has been left without success.
template <class M>
class Search {
 public:
  using State = typename M::State;

  Search(const History& history, std::size_t most_tries)
      : history_(history), timeline_(history), chosen_(history.size()), most_tries_(most_tries) {}

  // Whether there is one; nullopt if it was given up.
  std::optional<bool> run() {
    std::size_t event = timeline_.first();
    while (!timeline_.all_returned()) {
      if (tried_ >= most_tries_) return std::nullopt;
      if (event != Timeline::kEnd && !timeline_.is_return(event)) {
        event = choose(timeline_.operation(event)) ? timeline_.first() : timeline_.next(event);
      } else {  // somebody has seen a result of what did not come before this
        if (order_.empty()) return false;
        event = timeline_.next(timeline_.invocation(give_up_last()));
      }
    }
    return true;
  }

  std::size_t tried() const { return tried_; }
  // The longest beginning of an order that was found.
  const std::vector<std::size_t>& longest() const { return longest_; }

 private:
  struct Step {
    std::size_t operation;
    State before;
  };

  bool choose(std::size_t operation) {
    ++tried_;
    std::optional<State> after = M::next(state_, history_[operation]);
    if (!after) return false;
    chosen_.flip(operation);
    if (!remember(*after)) {
      chosen_.flip(operation);
      return false;
    }
    order_.push_back({operation, std::exchange(state_, std::move(*after))});
    timeline_.take(operation);
    if (order_.size() > longest_.size()) {
      longest_.clear();
      for (const Step& step : order_) longest_.push_back(step.operation);
    }
    return true;
  }

  std::size_t give_up_last() {
    Step last = std::move(order_.back());
    order_.pop_back();
    timeline_.put_back(last.operation);
    chosen_.flip(last.operation);
    state_ = std::move(last.before);
    return last.operation;
  }

  // False if it is known.
  bool remember(const State& state) {
    std::vector<State>& known = seen_[chosen_];
    if (std::ranges::find(known, state) != known.end()) return false;
    known.push_back(state);
    return true;
  }

  const History& history_;
  Timeline timeline_;
  State state_{};
  Chosen chosen_;
  std::vector<Step> order_;
  std::unordered_map<Chosen, std::vector<State>, Chosen::Hash> seen_;
  std::vector<std::size_t> longest_;
  const std::size_t most_tries_;
  std::size_t tried_ = 0;
};

// For a person: the longest order that was found, and the operations that were left.
std::string explain(const History& history, const std::vector<std::size_t>& longest);

}  // namespace mp::linearizability
