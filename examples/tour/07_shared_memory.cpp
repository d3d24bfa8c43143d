// A number and an array of numbers in memory that a child shares with its parent.

#include <mp/local/array.h>
#include <mp/local/value.h>
#include <mp/process.h>
#include <mp/range.h>

#include <iostream>

void f(mp::Value<double> n, mp::Array<int> a) {
  n = 3.1415927;
  for (int i = 0; i < 10; ++i) a[i] = -a[i];
}

int main() {
  mp::Value<double> num(0.0);
  mp::Array<int> arr(mp::range(10));

  mp::Process p(f, num, arr);
  p.start();
  p.join();

  std::cout << mp::repr(num.value()) << '\n';
  std::cout << arr << '\n';
}
