// Ten children count an element down, one step each, under a lock that they share.
//
// The lock is an RLock: who holds it may call what acquires it again.

#include <mp/local/array.h>
#include <mp/local/rlock.h>
#include <mp/process.h>

#include <iostream>
#include <mutex>
#include <vector>

void count(mp::RLock lock, mp::Array<int> array) {
  std::scoped_lock guard(lock);
  array[0] -= 1;
}

void count_and_print(mp::RLock lock, mp::Array<int> array) {
  std::scoped_lock guard(lock);
  count(lock, array);
  std::cout << array[0] << std::endl;
}

int main() {
  mp::RLock lock;
  mp::Array<int> array({10});
  std::vector<mp::Process> processes;
  for (int i = 0; i < 10; ++i) processes.emplace_back(count_and_print, lock, array).start();
  for (auto& p : processes) p.join();
}
