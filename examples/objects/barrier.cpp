// Two processes wait for each other in each round. When one of them dies, nobody waits for it.

#include <mp/mp.h>

#include <cstdlib>
#include <iostream>

int main() {
  mp::Manager manager;
  // The action is run by one of those that bring it, before anybody goes on.
  const mp::BarrierProxy lap =
      manager.barrier("lap", 2, [] { std::cout << "both are here" << std::endl; });

  mp::Process other(
      [](const mp::BarrierProxy& b) {
        for (int round = 0; round < 2; ++round) b.wait();
        std::_Exit(1);  // as if it had been killed
      },
      manager.barrier("lap", 2));
  other.start();
  for (int round = 0; round < 2; ++round) lap.wait();

  try {
    lap.wait();  // a third time, for which the other one does not come
  } catch (const mp::BrokenBarrierError&) {
    std::cout << "the other one has died\n";
  }
  other.join();
}
