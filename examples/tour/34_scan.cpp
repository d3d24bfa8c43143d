// A dict of a million entries, gone through in the memory of a thousand.
//
//   Python:  for name in d: ...      # of a plain dict; a DictProxy fetches one after the other

#include <mp/mp.h>

#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

// The most memory that this process has had.
long peak_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    long kilobytes = 0;
    status >> kilobytes;
    return kilobytes;
  }
  return 0;
}

int main() {
  constexpr int kEntries = 1'000'000;
  constexpr int kAtOnce = 10'000;
  mp::Manager manager;
  auto stock = manager.dict<int, std::string>("stock");
  for (int first = 0; first < kEntries; first += kAtOnce) {
    std::vector<std::pair<int, std::string>> some;
    for (int i = first; i < first + kAtOnce; ++i) some.emplace_back(i, "item " + std::to_string(i));
    stock.update(some);
  }

  const long before = peak_kilobytes();
  int entries = 0;
  for (const auto& [number, name] : stock.scan()) entries += number % 2 == 0 || !name.empty();
  std::cout << entries << " entries\n";
  std::cout << (peak_kilobytes() - before < 4096 ? "in less than 4 MB\n" : "in more than 4 MB\n");

  try {
    for (const int number : stock.scan_keys()) stock.erase(number);
  } catch (const mp::RuntimeError&) {
    std::cout << "a dict that is scanned keeps its keys\n";
  }
}
