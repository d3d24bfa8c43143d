// Which children run, and how many processors there are for them.

#include <mp/process.h>
#include <sched.h>

#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

void sleep_long() { std::this_thread::sleep_for(std::chrono::hours(1)); }

void print_children() {
  std::cout << "active:";
  for (const mp::Process& child : mp::active_children()) std::cout << ' ' << child.name();
  std::cout << '\n';
}

int main() {
  std::vector<mp::Process> children;
  for (int i = 0; i < 3; ++i) children.emplace_back(sleep_long).start();
  print_children();
  for (mp::Process& child : children) {
    child.terminate();
    child.join();
  }
  print_children();

  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  const bool fits = mp::cpu_count() >= 1;
  sched_setaffinity(0, sizeof one, &one);
  std::cout << "processors: " << (fits ? "some" : "none") << ", then " << mp::cpu_count() << '\n';
}
