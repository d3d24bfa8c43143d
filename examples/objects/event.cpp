// A process waits until it is told to go on; a wait that can't end any more fails.

#include <mp/mp.h>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

void visit(const mp::EventProxy& door, const mp::EventProxy& inside) {
  door.wait();
  std::cout << "a visitor comes in" << std::endl;
  door.clear();
  inside.set();
  try {
    door.wait();
  } catch (const mp::NoSuchObject&) {
    std::cout << "it will never open again" << std::endl;
  }
}

int main() {
  mp::Manager manager;
  const mp::EventProxy open = manager.event("open");
  const mp::EventProxy inside = manager.event();
  if (!open.wait(50ms)) std::cout << "closed" << std::endl;

  mp::Process visitor(visit, open, inside);
  visitor.start();
  open.set();
  inside.wait();
  manager.remove("open");
  visitor.join();
}
