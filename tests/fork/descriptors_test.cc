#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

class Descriptors : public ProcessTest {};

void nothing() {}

TEST_F(Descriptors, TheSentinelBecomesReadableAtTheEnd) {
  Gate gate;
  Process process([&] { gate.wait(); });
  process.start();
  pollfd entry{.fd = process.sentinel(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 0);
  gate.open();
  EXPECT_EQ(::poll(&entry, 1, -1), 1);
  process.join();
}

TEST_F(Descriptors, AChildInheritsNoSentinelOfItsSiblings) {
  const auto count = [] { return std::to_string(open_descriptors().size()); };
  Gate gate;
  const std::string alone = in_child(count);
  std::vector<Process> siblings;
  for (int i = 0; i < 10; ++i) siblings.emplace_back([&] { gate.wait(); }).start();
  EXPECT_EQ(in_child(count), alone);
  gate.open();
  for (auto& sibling : siblings) sibling.join();
}

TEST_F(Descriptors, TheLibrarysDescriptorsKeepOffTheStandardOnes) {
  EXPECT_EQ(exitcode_of([] {
              ::close(STDIN_FILENO);
              Process inner(nothing);
              inner.start();
              const bool high = inner.sentinel() > STDERR_FILENO;
              inner.join();
              mp::exit(high && inner.exitcode() == 0 ? 0 : 1);
            }),
            0);
}

TEST_F(Descriptors, WithoutDescriptorsAStartFailsAndCanBeRepeated) {
  EXPECT_EQ(in_child([] {
              Process inner({.name = "inner"}, nothing);
              rlimit before{};
              ::getrlimit(RLIMIT_NOFILE, &before);
              const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
              ::setrlimit(RLIMIT_NOFILE, &none);
              std::string text;
              try {
                inner.start();
              } catch (const ProcessError& error) {
                ::setrlimit(RLIMIT_NOFILE, &before);
                text = error.what();
              }
              inner.start();
              inner.join();
              return text;
            }),
            "cannot start process 'inner': no descriptor of this process: Too many open files");
}

}  // namespace
}  // namespace mp::test
