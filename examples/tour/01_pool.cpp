// Five workers map a function over a list.

#include <mp/pool.h>
#include <mp/repr.h>

#include <iostream>
#include <vector>

int f(int x) { return x * x; }

int main() {
  mp::Pool p(5);
  std::cout << mp::repr(p.map(f, std::vector{1, 2, 3})) << '\n';
}
