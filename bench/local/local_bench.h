#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace mp::bench {

// So many operations took so long.
struct Sample {
  std::size_t operations = 0;
  double seconds = 0;
};

// By the name of the row: measures for about so many seconds.
using LocalWorkloads = std::map<std::string, std::function<Sample(double seconds)>>;

// The main function of a program that measures what needs no server: it speaks with its runner as
// bench/peer.h says. The program runs on the first of its cores.
int run_local(int argc, char** argv, const LocalWorkloads& workloads);

// Takes a process that was forked to the last of the cores that the program was started with.
void move_to_other_core();

// For a program that is started only to end: true if it is to end at once.
bool is_only_started(int argc, char** argv);
inline constexpr const char* kOnlyStart = "--only-start";

// Calls `once` again and again.
template <class Once>
Sample repeat(double seconds, Once&& once) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kBetweenLooks = 16;
  for (std::size_t i = 0; i < kBetweenLooks; ++i) once();  // warms up
  const auto start = Clock::now();
  Sample sample;
  while (sample.seconds < seconds) {
    for (std::size_t i = 0; i < kBetweenLooks; ++i) once();
    sample.operations += kBetweenLooks;
    sample.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return sample;
}

// Runs `produce(seconds)` here and `consume()`, which gives how many items it got, in a forked
// child. The rate is that of the child, from the first item that could be there to the last.
Sample through(double seconds, const std::function<void(double)>& produce,
               const std::function<std::size_t()>& consume);

// Runs `body` in a forked child on the other core, and sees that it ends well.
class Partner {
 public:
  explicit Partner(const std::function<void()>& body);
  // Waits for its end. Errors: std::runtime_error if it failed.
  void join();

 private:
  pid_t pid_;
};

}  // namespace mp::bench
