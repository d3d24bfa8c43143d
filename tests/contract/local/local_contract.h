#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/contract/parties.h"
#include "tests/fork/process_fixture.h"

namespace mp::contract {

// Local objects, shared with forked children. Nothing is left after a test.
class LocalContract : public test::ProcessTest {
 protected:
  using Party = Parties::Party;

  // Each second one in a child.
  static void all(int count, const Party& party) {
    Parties(Spread::kProcessesAndThreads, count, party).join();
  }
  // In a child.
  static void elsewhere(const std::function<void()>& function) {
    all(1, [&](int) { function(); });
  }
  // In a child that is killed once the function has returned.
  static void and_die(const std::function<void()>& function);

  template <class T>
  static std::string printed(const T& object) {
    std::ostringstream out;
    out << object;
    return std::move(out).str();
  }
};

}  // namespace mp::contract
