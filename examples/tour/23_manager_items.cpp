// One process after another sets an item of a manager's dict and prints all items.

#include <mp/mp.h>

#include <iostream>

const auto f = [](auto d, int i) {
  d["num"] = 100 + i;
  std::cout << mp::repr(d.items()) << '\n';
};

int main() {
  mp::Manager manager;
  auto d = manager.dict();

  for (int i = 0; i < 10; ++i) {
    mp::Process p(f, d, i);
    p.start();
    p.join();
  }
}
