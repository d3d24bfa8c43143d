// The states of a process that is terminated.

#include <mp/process.h>

#include <chrono>
#include <iostream>
#include <thread>

void slow() { std::this_thread::sleep_for(std::chrono::seconds(3)); }

int main() {
  std::cout << std::boolalpha;
  mp::Process p(slow);
  std::cout << "before: " << p << ' ' << p.is_alive() << '\n';
  p.start();
  std::cout << "running: " << p << ' ' << p.is_alive() << '\n';
  p.terminate();
  std::clog << "terminated: " << p << ' ' << p.is_alive() << '\n';  // started, or stopped by now
  p.join();
  std::cout << "joined: " << p << ' ' << p.is_alive() << '\n';
  std::cout << "exit code: " << p.exitcode().value() << '\n';
}
