// Waits until three processes are done; then for one that promises to be, and ends before.

#include <mp/mp.h>

#include <iostream>
#include <vector>

using Latch = mp::CountDownLatchProxy;

int main() {
  mp::Manager manager;
  const Latch done = manager.count_down_latch("done", 3);
  std::vector<mp::Process> workers;
  for (int i = 0; i < 3; ++i)
    workers.emplace_back([](const Latch& latch) { latch.count_down(); }, done).start();
  done.wait();
  std::cout << done.get_count() << " left to count\n";
  for (auto& worker : workers) worker.join();

  done.try_set_count(1);  // another generation
  mp::Process careless([](const Latch& latch) { latch.enlist(); }, done);
  careless.start();
  try {
    done.wait();
  } catch (const mp::BrokenBarrierError&) {
    std::cout << "who promised to count has ended\n";
  }
  careless.join();
}
