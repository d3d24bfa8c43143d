// Three workers share a queue, a dict and a lock of a manager that runs already: `mp-manager`, or
// `./dev serve`.

#include <mp/mp.h>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

std::string manager_address() {
  const char* address = std::getenv("MP_MANAGER");
  return address != nullptr ? address : "127.0.0.1:50051";
}

// A program of its own could do this as well, on its own: all that it needs is the address and the
// names.
void work(const std::string& address) {
  auto manager = mp::Manager::connect(address);
  auto jobs = manager.queue<int>("squares/jobs");
  auto squares = manager.dict<int, int>("squares/results");
  auto printing = manager.lock("squares/printing");

  while (auto job = jobs.try_get()) {
    squares[*job] = *job * *job;
    const std::scoped_lock guard(printing);
    std::cout << mp::current_process().name() << " squared " << *job << std::endl;
  }
}

int main() {
  const std::string address = manager_address();
  auto manager = mp::Manager::connect(address);
  auto jobs = manager.queue<int>("squares/jobs");
  for (int i = 0; i < 9; ++i) jobs.put(i);

  std::vector<mp::Process> workers;
  for (int i = 0; i < 3; ++i) workers.emplace_back(work, address);
  for (auto& worker : workers) worker.start();
  for (auto& worker : workers) worker.join();

  auto squares = manager.dict<int, int>("squares/results");
  int sum = 0;
  for (const auto& [number, square] : squares) sum += square;
  std::cout << squares.size() << " squares, sum " << sum << '\n';
  for (const char* name : {"squares/jobs", "squares/results", "squares/printing"})
    manager.remove(name);
}
