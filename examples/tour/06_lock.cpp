// Ten processes print whole lines, one at a time.

#include <mp/local/lock.h>
#include <mp/process.h>

#include <iostream>
#include <mutex>
#include <vector>

void acquire_and_release(const mp::Lock& lock, int i) {
  lock.acquire();
  std::cout << "hello "
            << "world " << i << std::endl;
  lock.release();
}

void guard(const mp::Lock& lock, int i) {
  const std::scoped_lock guard(lock);
  std::cout << "hello "
            << "world " << i << std::endl;
}

int main() {
  const mp::Lock lock;
  std::vector<mp::Process> processes;
  for (int i = 0; i < 5; ++i) processes.emplace_back(acquire_and_release, lock, i).start();
  for (int i = 5; i < 10; ++i) processes.emplace_back(guard, lock, i).start();
  for (auto& p : processes) p.join();
}
