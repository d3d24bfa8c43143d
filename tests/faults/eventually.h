#pragma once

#include <chrono>
#include <thread>

namespace mp::test {

// Looks again and again until `condition` holds; false if it does not within the time that a
// healthy run never needs.
template <class Condition>
bool eventually(Condition&& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace mp::test
