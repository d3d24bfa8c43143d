#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include "mp/mp.h"

// A parent and four forked children that share objects of the manager at argv[1]:
// network_namespaces.py runs it on one host, and the manager on another. Prints "half" when half is
// done, and in the end what the objects hold.

int main(int, char** argv) {
  constexpr int kChildren = 4;
  constexpr int kRounds = 200;
  auto manager = mp::Manager::connect(argv[1]);
  auto counts = manager.dict<std::string, int>("counts");
  auto items = manager.queue<int>("items");
  auto turn = manager.lock("turn");
  counts["by turns"] = 0;
  std::vector<mp::Process> children;
  for (int child = 0; child < kChildren; ++child) {
    children.emplace_back([&, child] {
      for (int round = 0; round < kRounds; ++round) {
        counts["added"] += 1;
        items.put(child * kRounds + round);
        const std::scoped_lock lock(turn);
        counts["by turns"] = counts.at("by turns") + 1;
      }
    });
  }
  for (mp::Process& child : children) child.start();
  for (int item = 0; item < kChildren * kRounds / 2; ++item) items.get();
  std::puts("half");
  std::fflush(stdout);
  for (mp::Process& child : children) {
    child.join();
    if (child.exitcode() != 0) return 1;
  }
  std::printf("added %d, by turns %d, left %d\n", counts.at("added"), counts.at("by turns"),
              static_cast<int>(items.qsize()));
}
