#include "tests/fork/kill_at_any_instruction.h"

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/fork/asleep.h"

namespace mp::test {
namespace {

constexpr int kFailed = 99;

// Instrumented, an operation has many times the instructions, and each one takes as long.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kEachOf = 8;
#else
constexpr std::size_t kEachOf = 1;
#endif

// The signal that stopped it.
int wait_until_stopped(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw std::runtime_error("waitpid failed");
  }
  if (!WIFSTOPPED(status)) throw std::runtime_error("the child ended by itself");
  return WSTOPSIG(status);
}

}  // namespace

// Begins and ends the operation with a stop.
void Victim::be_victim(const KilledOperation& killed) {
  try {
    killed.prepare();
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    killed.operation();
    ::raise(SIGSTOP);
  } catch (...) {
    ::_exit(kFailed);
  }
  ::_exit(0);
}

Victim::Victim(const KilledOperation& killed) : pid_(::fork()) {
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) be_victim(killed);
  wait_until_stopped(pid_);
}

Victim::~Victim() { kill(); }

void Victim::kill() {
  if (pid_ < 0) return;
  const pid_t pid = std::exchange(pid_, -1);
  ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) == pid && !WIFSIGNALED(status) && !WIFEXITED(status)) {
  }
}

void Victim::run_freely() const { ::ptrace(PTRACE_CONT, pid_, nullptr, nullptr); }

void Victim::halt() const {
  wait_until_asleep(pid_);
  ::kill(pid_, SIGSTOP);
  wait_until_stopped(pid_);
}

std::size_t Victim::run(std::size_t instructions) {
  for (std::size_t made = 0; made < instructions; ++made) {
    if (::ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr) != 0)
      throw std::runtime_error("cannot trace the child");
    if (wait_until_stopped(pid_) == SIGSTOP) {
      is_through_ = true;
      return made;
    }
  }
  return instructions;
}

namespace {

// Gives how many instructions were made.
std::size_t kill_after(std::size_t instructions, const KilledOperation& killed) {
  const testing::ScopedTrace trace(
      __FILE__, __LINE__, "killed after " + std::to_string(instructions) + " instructions");
  Victim victim(killed);
  killed.begin(victim);
  const std::size_t made = victim.run(instructions);
  victim.kill();
  killed.check(victim.is_through());
  return made;
}

}  // namespace

void kill_at_any_instruction(const KilledOperation& killed) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the operation has too many instructions, and the killed one no second thread";
#endif
  const std::size_t all = kill_after(std::numeric_limits<std::size_t>::max(), killed);
  const std::size_t step = std::max<std::size_t>(1, all * kEachOf / killed.most_kills);
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  const std::size_t first = std::uniform_int_distribution<std::size_t>(0, step - 1)(random);
  std::cout << "an operation of " << all << " instructions, seed " << seed << '\n';
  const testing::ScopedTrace trace(__FILE__, __LINE__, "seed " + std::to_string(seed));
  for (std::size_t instructions = first; instructions < all; instructions += step) {
    kill_after(instructions, killed);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace mp::test
