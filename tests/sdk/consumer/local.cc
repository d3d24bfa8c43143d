// Five workers map a function over a list; nothing of a manager.

#include <mp/local.h>

#include <iostream>
#include <vector>

int square(int x) { return x * x; }

int main() {
  mp::Pool pool(5);
  std::cout << mp::repr(pool.map(square, std::vector{1, 2, 3})) << '\n';

  mp::SimpleQueue<int> queue;
  mp::Process child([](auto out) { out.put(6 * 7); }, queue);
  child.start();
  std::cout << queue.get() << '\n';
  child.join();

  try {
    mp::Queue<int>().get_nowait();
  } catch (const mp::Empty&) {  // thrown in the library
    std::cout << "empty\n";
  }
  std::cout << std::boolalpha << (mp::library_version()[0] == '0' + MP_VERSION_MAJOR) << '\n';
}
