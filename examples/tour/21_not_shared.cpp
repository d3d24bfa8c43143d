// A plain vector is not shared: each child appends to its own copy.

#include <mp/process.h>

#include <iostream>
#include <vector>

std::vector<int> numbers;  // every process has its own

void show(const char* who) {
  std::cout << who << ": [";
  for (const int number : numbers) std::cout << number;
  std::cout << "]\n";
}

void append(int number) {
  numbers.push_back(number);
  show("child");
}

int main() {
  std::vector<mp::Process> processes;
  for (int i = 0; i < 5; ++i) processes.emplace_back(append, i).start();
  for (auto& p : processes) p.join();
  show("parent");
}
