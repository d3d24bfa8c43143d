// Four workers square the numbers from 0 to 99.

#include <mp/pool.h>
#include <mp/range.h>
#include <mp/repr.h>

#include <iostream>

int square(int x) { return x * x; }

int main() {
  mp::Pool pool(4);
  const auto squares = pool.map(square, mp::range(100));
  pool.close();
  pool.join();
  std::cout << mp::repr(squares) << '\n';
}
