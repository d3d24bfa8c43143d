// A list of a manager: indexes and slices as Python has them, each in one round trip.

#include <mp/mp.h>

#include <iostream>

int main() {
  mp::Manager manager;
  const auto l = manager.list({3, 1, 2});
  l.append(5);
  l.sort({.reverse = true});
  std::cout << l << ", the last one is " << l[-1] << '\n';

  l[mp::slice(1, 3)] = {7, 8, 9};  // two make room for three
  l[0] += 10;                      // one atomic operation
  std::cout << l << ", every second one is " << mp::repr(l.at(mp::slice(mp::None, mp::None, 2)))
            << '\n';

  if (const auto where = l.find(8)) std::cout << "8 is at " << *where << '\n';
  try {
    l.at(100);
  } catch (const mp::IndexError&) {
    std::cout << "100 is out of range\n";
  }
}
