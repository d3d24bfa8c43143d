// Two may read at the same time; who writes is alone.

#include <mp/mp.h>

#include <chrono>
#include <iostream>
#include <mutex>
#include <shared_mutex>

using namespace std::chrono_literals;

int main() {
  mp::Manager manager;
  const mp::RWLockProxy table = manager.rwlock("table");
  const auto reads = manager.event();
  const auto enough = manager.event();

  mp::Process reader(
      [](const mp::RWLockProxy& l, const mp::EventProxy& here, const mp::EventProxy& go) {
        const std::shared_lock reading(l);
        here.set();
        go.wait();
      },
      table, reads, enough);
  reader.start();
  reads.wait();
  {
    const std::shared_lock reading(table);
    std::cout << table.readers() << " read\n";
    try {
      static_cast<void>(table.try_lock());
    } catch (const mp::DeadlockError&) {
      std::cout << "a reader that would write waits for itself\n";
    }
  }
  if (!table.try_lock_for(50ms)) std::cout << "the other one reads still\n";
  enough.set();
  const std::unique_lock writing(table);
  std::cout << table.readers() << " read, and one writes\n";
  reader.join();
}
