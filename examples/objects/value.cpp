// One number that four processes add to. It has a type, and nothing that does not fit gets in.

#include <mp/mp.h>

#include <cstdint>
#include <iostream>
#include <mutex>
#include <vector>

void add(const mp::ValueProxy<int>& sum) {
  for (int i = 1; i <= 10; ++i) sum += i;  // one atomic operation
}

int main() {
  mp::Manager manager;
  const auto sum = manager.value<int>(0);
  std::vector<mp::Process> workers;
  for (int i = 0; i < 4; ++i) workers.emplace_back(add, sum).start();
  for (auto& worker : workers) worker.join();
  std::cout << sum << '\n';

  {
    const auto lock = sum.get_lock();  // for what is more than one operation
    const std::scoped_lock guard(lock);
    sum = sum * 2;
  }
  std::cout << "it was " << sum.fetch_max(1000) << ", and is " << sum.get() << '\n';

  const auto level = manager.value<std::uint8_t>(250);
  try {
    level += 10;
  } catch (const mp::OverflowError&) {
    std::cout << "260 does not fit: " << level << '\n';
  }
}
