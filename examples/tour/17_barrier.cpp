// Two processes wait for each other; two others do not.

#include <mp/local/array.h>
#include <mp/local/barrier.h>
#include <mp/local/lock.h>
#include <mp/process.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <mutex>
#include <vector>

using Times = mp::Array<double>;  // by process: the first two wait

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void with_barrier(const mp::Barrier& barrier, const mp::Lock& lock, const Times& came,
                  const Times& went, int i) {
  came[i] = now();
  barrier.wait();
  went[i] = now();
  const std::scoped_lock guard(lock);
  std::cout << mp::current_process().name() << " waited" << std::endl;
}

void without_barrier(const mp::Lock& lock) {
  const std::scoped_lock guard(lock);
  std::cout << mp::current_process().name() << " did not wait" << std::endl;
}

int main() {
  const mp::Barrier barrier(2);
  const mp::Lock lock;
  const Times came(2);
  const Times went(2);
  std::vector<mp::Process> processes;
  processes.emplace_back(mp::ProcessOptions{.name = "p1"}, with_barrier, barrier, lock, came, went,
                         0);
  processes.emplace_back(mp::ProcessOptions{.name = "p2"}, with_barrier, barrier, lock, came, went,
                         1);
  processes.emplace_back(mp::ProcessOptions{.name = "p3"}, without_barrier, lock);
  processes.emplace_back(mp::ProcessOptions{.name = "p4"}, without_barrier, lock);
  for (auto& p : processes) p.start();
  for (auto& p : processes) p.join();

  const double last_came = std::max<double>(came[0], came[1]);
  const bool together = went[0] >= last_came && went[1] >= last_came;
  std::cout << (together ? "nobody went on before both had come\n" : "somebody went on alone\n");
}
