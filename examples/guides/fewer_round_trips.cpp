// Three ways to ask a manager less often than once a value: many at once, many under way, and not
// at all.

#include <mp/mp.h>

#include <iostream>
#include <string>
#include <vector>

int main() {
  mp::Manager manager;
  const auto prices = manager.dict<std::string, int>("prices");

  // Many at once: one command, which is atomic too.
  prices.update({{"bolt", 3}, {"nut", 2}, {"washer", 1}});
  const auto some = prices.get_many(std::vector<std::string>{"bolt", "nail", "nut"});

  // Many under way: commands of any sort, which leave together, and whose answers come together.
  const auto later = prices.async();
  mp::Future<int> bolt = later.at("bolt");
  mp::Future<int> nut = later.at("nut");
  int sum = bolt.get() + nut.get();

  // Not at all: what this process has read, and nobody has changed since, it knows.
  const auto known = manager.dict<std::string, int>("prices", {.near_cache = true});
  for (int i = 0; i < 1000; ++i) sum += known.at("washer");

  std::cout << some << ' ' << sum << '\n';
}
