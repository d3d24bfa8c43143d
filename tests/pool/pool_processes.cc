#include "tests/pool/pool_processes.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>

namespace mp::test {
namespace {

using namespace std::chrono_literals;

bool lives(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t end = text.rfind(')');
  return end != std::string::npos && text.at(end + 2) != 'Z' && text.at(end + 2) != 'X';
}

}  // namespace

std::vector<int> children_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  std::vector<int> children;
  for (int child = 0; file >> child;) children.push_back(child);
  return children;
}

int zygote_pid() {
  const auto children = children_of(::getpid());
  EXPECT_THAT(children, testing::SizeIs(1));
  return children.at(0);
}

bool have_gone(const std::vector<int>& pids) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (std::ranges::any_of(pids, lives)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

}  // namespace mp::test
