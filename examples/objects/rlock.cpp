// A lock that a function takes again which is called with it held.

#include <mp/mp.h>

#include <iostream>
#include <mutex>

using Tree = mp::ListProxy<int>;

void insert(const mp::RLockProxy& lock, const Tree& tree, int key) {
  const std::scoped_lock guard(lock);
  tree.append(key);
  tree.sort();
}

void insert_both(const mp::RLockProxy& lock, const Tree& tree, int one, int other) {
  const std::scoped_lock guard(lock);
  insert(lock, tree, one);
  std::cout << "held " << lock.count() << " time, since insert() has released its own\n";
  insert(lock, tree, other);
}

int main() {
  mp::Manager manager;
  const mp::RLockProxy lock = manager.rlock("tree");
  const Tree tree = manager.list<int>();
  mp::Process other([](const auto& l, const auto& t) { insert_both(l, t, 3, 1); }, lock, tree);
  other.start();
  other.join();
  insert(lock, tree, 2);
  std::cout << tree << '\n';
  try {
    lock.release();
  } catch (const mp::NotOwnerError&) {
    std::cout << "released as often as it was acquired\n";
  }
}
