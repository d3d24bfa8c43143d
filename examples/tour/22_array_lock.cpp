// Ten children add to one element of an array, each under the array's lock.
//
// `array[0] += 100` alone would count them all: it is one atomic operation. The lock holds the
// addition and what is printed of it together.

#include <mp/local/array.h>
#include <mp/process.h>

#include <iostream>
#include <mutex>
#include <vector>

void add_100(mp::Array<int> array) {
  std::scoped_lock guard(array);
  array[0] = array[0] + 100;
  std::cout << array[0] << std::endl;
}

int main() {
  mp::Array<int> array({1, 2, 3, 4});
  std::vector<mp::Process> processes;
  for (int i = 0; i < 10; ++i) processes.emplace_back(add_100, array).start();
  for (auto& p : processes) p.join();
  std::cout << array[0] << '\n';
}
