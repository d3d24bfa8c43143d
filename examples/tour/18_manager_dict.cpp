// A manager's dict, filled by ten processes at once.

#include <mp/mp.h>

#include <iostream>
#include <vector>

const auto f = [](auto d, int i) { d[i] = 2 * i; };

int main() {
  mp::Manager manager;
  auto d = manager.dict<int, int>();

  std::vector<mp::Process> processes;
  for (int i = 0; i < 10; ++i) processes.emplace_back(f, d, i);
  for (auto& p : processes) p.start();
  for (auto& p : processes) p.join();

  for (const auto& [key, value] : d) std::cout << key << " : " << value << '\n';
}
