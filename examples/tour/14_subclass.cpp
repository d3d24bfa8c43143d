// A class of processes.

#include <mp/process.h>

#include <iostream>
#include <vector>

class Worker : public mp::Process {
  void run() override { std::cout << "In " << name() << std::endl; }
};

int main() {
  std::vector<Worker> jobs(5);
  for (Worker& job : jobs) job.start();
  for (Worker& job : jobs) job.join();
}
