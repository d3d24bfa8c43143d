// A manager's dict and list, changed by a child process.

#include <mp/mp.h>

#include <iostream>

const auto f = [](auto d, auto l) {
  d[1] = "1";
  d["2"] = 2;
  d[0.25] = mp::None;
  l.reverse();
};

int main() {
  mp::Manager manager;
  auto d = manager.dict();
  auto l = manager.list(mp::range(10));

  mp::Process p(f, d, l);
  p.start();
  p.join();

  std::cout << d << '\n' << l << '\n';
}
