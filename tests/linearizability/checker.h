#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/linearizability/operation.h"
#include "tests/linearizability/search.h"

namespace mp::linearizability {

// Is there an order of the operations, with each at one moment between its invocation and its
// return, in which one client that ran them one after another would have had the same results? A
// pending operation may have its moment at any time after its invocation, or never.
//
// Source: M. Herlihy, J. Wing, "Linearizability: A Correctness Condition for Concurrent Objects"
// (TOPLAS 1990); the search is J. Wing's and C. Gong's ("Testing and Verifying Concurrent
// Objects", JPDC 1993) with G. Lowe's memory of configurations that led nowhere ("Testing for
// Linearizability", 2017), and is done for each object by itself, as A. Horn and D. Kroening show
// to be enough ("Faster Linearizability Checking via P-Compositionality", FORTE 2015).
//
// A model has a `State`, which can be copied and compared, and whose default is the first; and a
// pure function `next`: the state after an operation, or nullopt if the operation can't run in this
// state, or not with this result.
template <class M>
concept SequentialModel = std::default_initializable<typename M::State> &&
    std::equality_comparable<typename M::State> &&
    requires(const typename M::State& state, const Operation& operation) {
  { M::next(state, operation) } -> std::same_as<std::optional<typename M::State>>;
};

enum class Verdict : std::uint8_t {
  kLinearizable,
  kNotLinearizable,
  kUndecided,  // the search was given up: too many configurations
};

struct Judgement {
  Verdict verdict = Verdict::kLinearizable;
  std::string reason{};   // unless linearizable: the history, and how far the search came
  std::size_t tried = 0;  // operations run on the model

  bool linearizable() const { return verdict == Verdict::kLinearizable; }
};

inline constexpr std::size_t kMostTries = 5'000'000;

// Of the history of one object.
template <SequentialModel M>
Judgement check_object(History history, std::size_t most_tries = kMostTries) {
  std::ranges::stable_sort(history, {}, &Operation::invoked);
  Search<M> search(history, most_tries);
  Judgement judgement{.verdict = Verdict::kLinearizable};
  const std::optional<bool> found = search.run();
  judgement.tried = search.tried();
  if (found == true) return judgement;
  judgement.verdict = found ? Verdict::kNotLinearizable : Verdict::kUndecided;
  judgement.reason = explain(history, search.longest());
  return judgement;
}

// Of the histories of several objects; the first that is not linearizable is the verdict.
template <SequentialModel M>
Judgement check(const History& history, std::size_t most_tries = kMostTries) {
  std::map<std::int32_t, History> objects;
  for (const Operation& operation : history) objects[operation.object].push_back(operation);
  Judgement all;
  for (auto& [object, operations] : objects) {
    Judgement one = check_object<M>(std::move(operations), most_tries);
    all.tried += one.tried;
    if (one.linearizable()) continue;
    all.verdict = one.verdict;
    all.reason = "object " + std::to_string(object) + ":\n" + one.reason;
    return all;
  }
  return all;
}

}  // namespace mp::linearizability
