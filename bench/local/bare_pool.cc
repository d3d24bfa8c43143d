// What two forked processes do without a pool, and one without another: the floor for mp's Pool.

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "bench/local/pool_bench.h"

namespace mp::bench {
namespace {

// A forked process that does its share of the heavy tasks each time it is told to.
class Worker {
 public:
  explicit Worker(int number) : ends_(connected()), partner_([this, number] { serve(number); }) {
    ::close(ends_[1]);
  }
  ~Worker() { ::close(ends_[0]); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void begin() { say(ends_[0]); }
  void await() {
    if (!hears(ends_[0])) throw std::runtime_error("the other process failed");
  }

 private:
  static std::array<int, 2> connected() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("no socket pair");
    return ends;
  }
  static void say(int socket) {
    if (::send(socket, "x", 1, MSG_NOSIGNAL) != 1)
      throw std::runtime_error("the other end is gone");
  }
  static bool hears(int socket) {
    char letter = 0;
    return ::recv(socket, &letter, 1, 0) == 1;
  }

  void serve(int number) {
    ::close(ends_[0]);
    move_to_all_cores();
    while (hears(ends_[1])) {
      std::uint64_t sum = 0;
      for (int task = number; task < kHeavyTasks; task += kWorkers)
        sum += work(static_cast<std::uint64_t>(task));
      if (sum == 0) throw std::runtime_error("a wrong result");
      say(ends_[1]);
    }
  }

  std::array<int, 2> ends_;
  Partner partner_;
};

Sample heavy_tasks(double seconds) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < kWorkers; ++i) workers.push_back(std::make_unique<Worker>(i));
  return repeat_long(seconds, kHeavyTasks, [&] {
    for (const auto& worker : workers) worker->begin();
    for (const auto& worker : workers) worker->await();
  });
}

// A copy into fresh memory.
Sample large(double seconds) {
  const std::vector<double> numbers = large_numbers();
  constexpr std::size_t kBytes = kLarge * sizeof(double);
  return repeat_long(seconds, kLargeKilobytes, [&] {
    void* const fresh =
        ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED) throw std::runtime_error("no memory");
    std::memcpy(fresh, numbers.data(), kBytes);
    ::munmap(fresh, kBytes);
  });
}

}  // namespace
}  // namespace mp::bench

int main(int argc, char** argv) {
  namespace bench = mp::bench;
  return bench::run_local(argc, argv,
                          {{"pool-heavy", bench::heavy_tasks}, {"pool-large", bench::large}});
}
