// Memory that is found by its name, a list in it, and a scope that unlinks both at its end.

#include <mp/local/shared_memory_manager.h>
#include <mp/process.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

void square(std::string name, mp::ShareableList list) {
  const auto shm = mp::SharedMemory::attach(name);
  for (double& number : shm.span<double>()) number *= number;
  list[0] = "done";
  list[1] = shm.span<double>().size();
}

int main() {
  mp::SharedMemoryManager smm;
  const auto shm = smm.shared_memory(4 * sizeof(double));
  const auto list = smm.shareable_list({"to do", 0, 2.5, mp::None});

  const auto numbers = shm.span<double>();
  std::ranges::copy(std::vector{1.5, 2.0, 3.0, 4.0}, numbers.begin());
  mp::Process worker(square, shm.name(), list);
  worker.start();
  worker.join();
  for (double number : numbers) std::cout << number << ' ';
  std::cout << '\n' << list[0] << ' ' << list[1] << ' ' << list.format() << '\n';

  smm.shutdown();
  try {
    mp::SharedMemory::attach(shm.name());
  } catch (const mp::NoSuchObject&) {
    std::cout << "unlinked\n";
  }
}
