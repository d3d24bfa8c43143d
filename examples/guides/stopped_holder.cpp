// A process that holds a lock with a lease is stopped for longer than that, and goes on: it still
// believes that it holds the lock. What it writes under its grant is refused.

#include <mp/mp.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

int main() {
  mp::Manager manager;
  const auto prices = manager.dict<std::string, int>();
  const auto writer = manager.lock();
  const auto told = manager.queue<std::string>();
  const auto go_on = manager.event();

  mp::Process alice([&] {
    writer.acquire({.lease = 1s});
    const std::uint64_t token = writer.token();
    told.put("alice holds the lock");
    go_on.wait();
    try {
      prices.fenced_by(writer, token)["bolt"] = 10;
    } catch (const mp::StaleTokenError&) {
      told.put(std::string("alice is refused; lost: ") + (writer.lost() ? "yes" : "no"));
    }
  });
  alice.start();
  std::cout << told.get() << std::endl;
  kill(*alice.pid(), SIGSTOP);  // as a debugger does, a hypervisor, memory that is swapped

  writer.acquire();  // waits for the end of the lease, whatever alice does
  std::cout << "bob holds it; the owner before did not release it: "
            << (writer.previous_owner_died() ? "yes" : "no") << std::endl;
  const std::uint64_t token = writer.token();
  prices.fenced_by(writer, token)["bolt"] = 12;

  go_on.set();
  kill(*alice.pid(), SIGCONT);
  alice.join();
  std::cout << told.get() << '\n' << prices << '\n';
}
