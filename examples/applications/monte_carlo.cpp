// Pi, by points that are thrown at a square: how many hit the circle in it? Two nodes throw, each
// with a pool of its own, and add what they find to totals that a manager keeps. A node needs the
// address of the manager only, and may be another machine.

#include <mp/mp.h>
#include <mp/pool.h>

#include <cmath>
#include <cstdint>
#include <iostream>
#include <random>
#include <string>
#include <vector>

constexpr int kNodes = 2;
constexpr int kTasks = 20;        // a node
constexpr int kPoints = 500'000;  // a task

// The same task finds the same, on every machine.
std::int64_t count_hits(int task) {
  std::mt19937_64 random(static_cast<std::uint64_t>(task));
  const auto coordinate = [&] { return std::ldexp(static_cast<double>(random() >> 11), -53); };
  std::int64_t hits = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double x = coordinate();
    const double y = coordinate();
    hits += x * x + y * y < 1 ? 1 : 0;
  }
  return hits;
}

void run_node(const std::string& address, int node) {
  const auto manager = mp::Manager::connect(address);
  const auto points = manager.value<std::int64_t>("points");
  const auto hits = manager.array<std::int64_t>("hits", kNodes);

  mp::Pool pool(2);
  const auto tasks = mp::range(node * kTasks, (node + 1) * kTasks);
  for (const std::int64_t found : pool.imap_unordered(count_hits, tasks)) {
    points += kPoints;
    hits[node] += found;
  }
}

int main() {
  mp::Manager manager({.address = "127.0.0.1:0"});
  const auto points = manager.value<std::int64_t>("points");
  const auto hits = manager.array<std::int64_t>("hits", kNodes);

  std::vector<mp::Process> nodes;
  for (int i = 0; i < kNodes; ++i) nodes.emplace_back(run_node, manager.address(), i).start();
  for (auto& node : nodes) node.join();

  std::int64_t all_hits = 0;
  for (int i = 0; i < kNodes; ++i) {
    std::cout << "node " << i << ": " << hits[i] << " hits\n";
    all_hits += hits[i];
  }
  std::cout << points.get() << " points: pi is about "
            << 4.0 * static_cast<double>(all_hits) / static_cast<double>(points.get()) << '\n';
}
