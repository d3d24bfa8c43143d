// Two seats for three. A permit comes back by release, and from a process that ended with it.

#include <mp/mp.h>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

int main() {
  mp::Manager manager;
  const mp::SemaphoreProxy seats = manager.bounded_semaphore(2);
  const auto sits = manager.event();
  const auto go = manager.event();

  mp::Process rider(
      [](const mp::SemaphoreProxy& s, const mp::EventProxy& here, const mp::EventProxy& ends) {
        s.acquire();
        here.set();
        ends.wait();  // and ends without release()
      },
      seats, sits, go);
  rider.start();
  sits.wait();
  seats.acquire();
  std::cout << seats.get_value() << " left; another one "
            << (seats.try_acquire_for(50ms) ? "has a seat" : "has waited in vain") << '\n';

  go.set();
  rider.join();
  if (seats.acquire(10s) && seats.previous_owner_died()) std::cout << "now it is free again\n";
  seats.release(2);
  try {
    seats.release();
  } catch (const mp::ValueError&) {
    std::cout << "there are no more than " << seats.get_value() << " to release\n";
  }
}
