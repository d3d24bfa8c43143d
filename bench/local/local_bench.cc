#include "bench/local/local_bench.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "bench/peer.h"

namespace mp::bench {
namespace {

cpu_set_t cores_at_start() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  ::sched_getaffinity(0, sizeof cores, &cores);
  return cores;
}

const cpu_set_t kCores = cores_at_start();

void run_on(int core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

int first_core() {
  int core = 0;
  while (!CPU_ISSET(core, &kCores)) ++core;
  return core;
}

int last_core() {
  int core = CPU_SETSIZE - 1;
  while (!CPU_ISSET(core, &kCores)) --core;
  return core;
}

std::string json_of(const Sample& sample) {
  const double each = sample.seconds / static_cast<double>(sample.operations);
  std::ostringstream json;
  json << R"({"ns": )" << each * 1e9 << R"(, "us": )" << each * 1e6 << R"(, "per_second": )"
       << 1 / each << "}";
  return json.str();
}

// A number that a child gives its parent.
struct SharedCount {
  SharedCount()
      : value(static_cast<std::size_t*>(::mmap(nullptr, sizeof(std::size_t), PROT_READ | PROT_WRITE,
                                               MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (value == MAP_FAILED) throw std::runtime_error("no memory to share");
  }
  ~SharedCount() { ::munmap(value, sizeof(std::size_t)); }
  SharedCount(const SharedCount&) = delete;
  SharedCount& operator=(const SharedCount&) = delete;

  std::size_t* const value;
};

}  // namespace

void move_to_other_core() { run_on(last_core()); }

bool is_only_started(int argc, char** argv) {
  return argc > 1 && std::strcmp(argv[1], kOnlyStart) == 0;
}

Partner::Partner(const std::function<void()>& body) : pid_(::fork()) {
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  move_to_other_core();
  try {
    body();
    ::_exit(0);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    ::_exit(1);
  }
}

void Partner::join() {
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_ || status != 0)
    throw std::runtime_error("the other process failed");
}

Sample through(double seconds, const std::function<void(double)>& produce,
               const std::function<std::size_t()>& consume) {
  const SharedCount count;
  Partner consumer([&] { *count.value = consume(); });
  const auto start = std::chrono::steady_clock::now();
  produce(seconds);
  consumer.join();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return {*count.value, taken.count()};
}

int run_local(int argc, char** argv, const LocalWorkloads& workloads) {
  try {
    const Arguments arguments(argc, argv);
    const auto workload = workloads.find(arguments.text("workload"));
    if (workload == workloads.end()) throw std::runtime_error("there is no such workload");
    run_on(first_core());
    std::string line;
    std::cout << "ready" << std::endl;
    if (!std::getline(std::cin, line)) return 0;
    std::cout << json_of(workload->second(arguments.number("seconds"))) << std::endl;
    while (std::getline(std::cin, line)) continue;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

}  // namespace mp::bench
