// A manager of the program's own.

#include <mp/mp.h>

#include <iostream>

int main() {
  mp::Manager manager;
  auto numbers = manager.list(mp::range(5));
  mp::Process child([](auto list) { list.reverse(); }, numbers);
  child.start();
  child.join();
  std::cout << numbers << '\n';
}
