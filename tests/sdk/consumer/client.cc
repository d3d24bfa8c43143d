// A dict and a queue of the manager at the address that is the argument, and a child that uses
// them.

#include <mp/mp.h>

#include <iostream>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto manager = mp::Manager::connect(argv[1]);
  auto ages = manager.dict<std::string, int>("ages");
  mp::Process child([](auto d) { d["alice"] = 36; }, ages);
  child.start();
  child.join();
  std::cout << ages << '\n';

  try {
    manager.queue<int>("nothing").get_nowait();
  } catch (const mp::Empty&) {
    std::cout << "empty\n";
  }
}
