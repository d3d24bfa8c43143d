#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "tests/contract/local/backend.h"
#include "tests/contract/parties.h"
#include "tests/fork/process_fixture.h"

namespace mp::contract {

inline std::string name_of_param(const testing::TestParamInfo<Way>& info) {
  return name_of_way(info.param);
}

// Checks that a test leaves no child, of either sort, and no descriptor.
class LocalFixture : public test::ProcessTest {
 protected:
  ~LocalFixture() override { EXPECT_THAT(active_children(), testing::IsEmpty()); }

 private:
  [[no_unique_address]] Home home_;
};

// Local objects, shared with children that are started in every way there is: a function of theirs
// is a plain one, and takes the objects as arguments. Nothing is left after a test.
class LocalContract : public LocalFixture, public testing::WithParamInterface<Way> {
 protected:
  using Parties = PartiesOf<Process>;

  template <class... Given>
  static Process process(Given&&... given) {
    return process_by(GetParam(), std::forward<Given>(given)...);
  }
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
  // The exit code of a child that makes this call.
  template <class Function, class... Objects>
  static int exitcode_of_call(Function function, Objects&&... objects) {
    Process child = started(function, std::forward<Objects>(objects)...);
    child.join();
    return child.exitcode().value();
  }
  // In a child.
  template <class Function, class... Objects>
  static void elsewhere(Function function, Objects&&... objects) {
    EXPECT_EQ(exitcode_of_call(function, std::forward<Objects>(objects)...), 0);
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
