#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "mp/process.h"

namespace mp::contract {

inline constexpr auto kLong = std::chrono::seconds(60);  // far more than anything here takes

// Fails the party, or the child, that finds something otherwise: nobody would see a child's failed
// expectation.
inline void demand(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

enum class Spread { kProcessesAndThreads, kThreads };

// Parties that run the same function at once: each second one in a child, which is forked unless it
// is said how to make it, the others in threads of this process; or all in threads.
template <class Child>
class PartiesOf {
 public:
  using Party = std::function<void(int)>;
  using MakeChild = std::function<Child(int)>;

  PartiesOf(Spread spread, int parties, const Party& party)
      : PartiesOf(spread, parties, party, [&party](int p) { return Child(party, p); }) {}
  PartiesOf(Spread spread, int parties, const Party& party, const MakeChild& make_child) {
    const bool forks = spread == Spread::kProcessesAndThreads;
    for (int p = 0; forks && p < parties; p += 2) children_.push_back(make_child(p));
    for (Child& child : children_) child.start();  // before there are threads
    for (int p = forks ? 1 : 0; p < parties; p += forks ? 2 : 1)
      threads_.emplace_back([party, p] { run(party, p); });
  }
  ~PartiesOf() { join(); }
  PartiesOf(const PartiesOf&) = delete;
  PartiesOf& operator=(const PartiesOf&) = delete;

  // Waits until all have returned. What went wrong in one of them fails the test.
  void join() {
    threads_.clear();
    for (Child& child : children_) {
      if constexpr (requires { child.kill(); }) {
        if (!child.join(kLong)) child.kill();
      }
      child.join();
      EXPECT_EQ(child.exitcode(), 0);
    }
    children_.clear();
  }

 private:
  static void run(const Party& party, int number) {
    try {
      party(number);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "party " << number << ": " << error.what();
    }
  }

  std::vector<Child> children_;
  std::vector<std::jthread> threads_;
};

using Parties = PartiesOf<::mp::Process>;

}  // namespace mp::contract
