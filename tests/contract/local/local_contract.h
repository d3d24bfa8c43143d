#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "tests/contract/parties.h"
#include "tests/fork/start_fixture.h"

namespace mp::contract {

using test::name_of_param;

// Local objects, shared with children that are started by every method: a function of theirs is a
// plain one, and takes the objects as arguments. Nothing is left after a test.
class LocalContract : public test::EveryMethod {
 protected:
  // So many parties, each second one in a child, that call function(number, objects...).
  template <class Function, class... Objects>
  static Parties parties(int count, Function function, const Objects&... objects) {
    return Parties(
        Spread::kProcessesAndThreads, count, [=](int number) { function(number, objects...); },
        [&](int number) { return process(function, number, objects...); });
  }
  // Waits for them.
  template <class Function, class... Objects>
  static void all(int count, Function function, const Objects&... objects) {
    parties(count, function, objects...).join();
  }

  // A child that calls it has started.
  template <class Function, class... Objects>
  static Process started(Function function, Objects&&... objects) {
    Process child = process(function, std::forward<Objects>(objects)...);
    child.start();
    return child;
  }
  // In a child.
  template <class Function, class... Objects>
  static void elsewhere(Function function, Objects&&... objects) {
    EXPECT_EQ(exitcode_of_call(function, std::forward<Objects>(objects)...), 0);
  }
  // In a child that is killed once the function has returned.
  template <class Function, class... Objects>
  static void and_die(Function function, const Objects&... objects) {
    const auto run_and_die = [](Function run, const Objects&... its) {
      run(its...);
      ::raise(SIGKILL);
    };
    EXPECT_EQ(exitcode_of_call(run_and_die, function, objects...), -SIGKILL);
  }
  static void kill(Process& child) {
    child.kill();
    child.join();
  }
  static void expect_success(Process& child) {
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
  }
};

template <class T>
std::string printed(const T& object) {
  std::ostringstream out;
  out << object;
  return std::move(out).str();
}

}  // namespace mp::contract
