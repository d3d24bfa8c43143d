#include "mp/local/wait.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

#include "tests/unit/local/connection_fixture.h"

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class Waiting : public ConnectionTest {};

TEST_F(Waiting, GivesThoseThatAreReadyInTheOrderGiven) {
  const auto [a, b] = Pipe();
  const auto [c, d] = Pipe();
  a.send(1);
  c.send(2);
  EXPECT_THAT(wait(std::vector{d, a, b}), ElementsAre(d, b));
}

TEST_F(Waiting, WaitsUntilOneIsReady) {
  const auto [a, b] = Pipe();
  std::jthread sender([&end = a] { end.send(1); });
  EXPECT_THAT(wait(std::vector{a, b}), ElementsAre(b));
}

TEST_F(Waiting, GivesNothingWhenTheTimeIsOver) {
  const auto [a, b] = Pipe();
  EXPECT_THAT(wait(std::vector{a, b}, 2ms), IsEmpty());
  EXPECT_THAT(wait(std::vector{a, b}, 0s), IsEmpty());
  EXPECT_THAT(wait(std::vector{a, b}, -1s), IsEmpty());
}

TEST_F(Waiting, ForNothingTakesTheWholeTime) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(wait(std::vector<Connection>{}, 5ms), IsEmpty());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 5ms);
}

TEST_F(Waiting, EndOfFileIsReady) {
  const auto [a, b] = Pipe();
  a.close();
  EXPECT_THAT(wait(std::vector{b}), ElementsAre(b));
}

TEST_F(Waiting, TakesConnectionsAndDescriptorsTogether) {
  const auto [a, b] = Pipe();
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  EXPECT_THAT(wait({b, ends[0]}, 0s), IsEmpty());
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_THAT(wait({b, ends[0]}), ElementsAre(Waitable(ends[0])));
  a.send(1);
  EXPECT_THAT(wait({b, ends[0]}), ElementsAre(Waitable(b), Waitable(ends[0])));
  EXPECT_THAT(wait(std::vector{ends[0]}), ElementsAre(ends[0]));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(Waiting, AnUnfinishedLargeMessageIsReadyAsItComes) {
  const auto [a, b] = Pipe();
  const std::string large(kLarge, 'x');
  std::jthread sender([&, &end = a] { end.send(large); });
  std::optional<std::string> message;
  while (!message) {
    EXPECT_THAT(wait(std::vector{b}), ElementsAre(b));
    message = b.try_recv<std::string>();
  }
  EXPECT_TRUE(*message == large);
  EXPECT_THAT(wait(std::vector{b}, 0s), IsEmpty());
}

TEST_F(Waiting, AClosedConnectionIsAnError) {
  const auto [a, b] = Pipe();
  b.close();
  EXPECT_THROW(wait(std::vector{a, b}, 0s), ConnectionError);
}

TEST_F(Waiting, ADescriptorThatIsNotOpenIsAnError) {
  EXPECT_THROW(wait({-1}), ValueError);
  EXPECT_THAT([] { wait({99'999}); },
              ThrowsMessage<ValueError>(HasSubstr("descriptor 99999 is not open")));
}

TEST_F(Waiting, AProcessThatWasNotStartedIsAnError) {
  std::vector<Process> processes;
  processes.emplace_back([] {});
  EXPECT_THROW(wait(processes), ValueError);
}

}  // namespace
}  // namespace mp::test
