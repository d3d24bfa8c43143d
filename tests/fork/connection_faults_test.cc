#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <functional>
#include <latch>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "mp/local/connection.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"
#include "tests/fork/sanitized.h"

// Connections whose processes are killed, stopped, or out of descriptors.

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::ThrowsMessage;

class ConnectionFaults : public ProcessTest {};

// More than the system holds for a socket: whoever sends it waits for the receiver.
const std::string& large() {
  static const std::string message(std::size_t{8} * 1024 * 1024, 'x');
  return message;
}

void kill_and_join(Process& process) {
  process.kill();
  process.join();
}

TEST_F(ConnectionFaults, ASenderThatIsKilledWithinAMessageIsAnErrorAndThenEndOfFile) {
  auto [mine, theirs] = mp::Pipe();
  Process process([](const Connection& out) { out.send(large()); }, std::move(theirs));
  process.start();
  EXPECT_TRUE(mine.poll(None));  // it has begun, and cannot end
  kill_and_join(process);
  EXPECT_THAT([&end = mine] { end.recv(); },
              ThrowsMessage<ConnectionError>(HasSubstr("got end of file during message")));
  EXPECT_THROW(mine.recv(), EOFError);
}

TEST_F(ConnectionFaults, ASenderThatIsKilledWithinAMessageHarmsNoOther) {
  const auto [mine, theirs] = mp::Pipe();
  Process process([](const Connection& out) { out.send(large()); }, theirs);
  process.start();
  EXPECT_TRUE(mine.poll(None));
  kill_and_join(process);
  theirs.send("of another");
  EXPECT_THROW(mine.recv(), ConnectionError);
  EXPECT_EQ(mine.recv<std::string>(), "of another");
}

TEST_F(ConnectionFaults, AReceiverThatIsKilledBeforeAMessageIsAnErrorToItsSender) {
  auto [mine, theirs] = mp::Pipe();
  Process process(
      [](const Connection& in) {
        in.poll(None);
        ::raise(SIGKILL);
      },
      std::move(theirs));
  process.start();
  EXPECT_THAT([&end = mine] { end.send(large()); },
              ThrowsMessage<ConnectionError>(HasSubstr("nobody is left to read")));
  EXPECT_THROW(mine.recv(), EOFError);
  process.join();
}

TEST_F(ConnectionFaults, AReceiverThatIsKilledWithinAMessageIsAnErrorToItsSender) {
  auto [mine, theirs] = mp::Pipe();
  Process process(
      [](const Connection& in) {
        // Until a message is not whole when all that is there is read.
        while (in.poll(None) && in.try_recv<std::string>()) continue;
        ::raise(SIGKILL);
      },
      std::move(theirs));
  process.start();
  EXPECT_THROW(for (;;) mine.send(large()), ConnectionError);
  process.join();
  EXPECT_EQ(process.exitcode(), -SIGKILL);
}

TEST_F(ConnectionFaults, AChildThatWasForkedWhileItsParentSentHasNoPartInTheMessage) {
  const auto [mine, theirs] = mp::Pipe();
  const auto [grandchild, tell] = mp::Pipe(false);
  Gate gate;
  Process sender([&gate, &in = mine, &out = theirs, &told = tell] {
    std::thread([&out] { out.send(large()); }).detach();
    in.poll(None);  // the message has begun
    in.close();
    Process inner([&] {
      out.close();
      told.send("runs");
      gate.wait();
    });
    inner.start();
    inner.join();
  });
  sender.start();
  theirs.close();
  tell.close();
  EXPECT_EQ(grandchild.recv<std::string>(), "runs");
  kill_and_join(sender);
  EXPECT_THROW(mine.recv(), ConnectionError);
  EXPECT_THROW(mine.recv(), EOFError);
  gate.open();
  EXPECT_THROW(grandchild.recv(), EOFError);
}

TEST_F(ConnectionFaults, AForkedChildHasNothingOfAMessageThatItsParentReceives) {
  const auto [mine, theirs] = mp::Pipe();
  std::latch forked(1);
  std::jthread sender([&out = theirs, &forked] {
    out.send(large());
    forked.wait();  // one that has ended, and is not joined, is a leak to a child's ThreadSanitizer
  });
  EXPECT_TRUE(mine.poll(None));
  auto message = mine.try_recv<std::string>();
  Process child([&in = mine] { mp::exit(in.try_recv<std::string>() ? 1 : 0); });
  child.start();
  forked.count_down();
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
  while (!message) message = mine.try_recv<std::string>();
  EXPECT_TRUE(*message == large());
}

TEST_F(ConnectionFaults, AStoppedPeerIsATimeout) {
  auto [mine, theirs] = mp::Pipe();
  Process process([](const Connection& connection) { connection.send(connection.recv<int>()); },
                  std::move(theirs));
  process.start();
  const int pid = process.pid().value();
  ::kill(pid, SIGSTOP);
  ASSERT_EQ(::waitpid(pid, nullptr, WUNTRACED), pid);
  mine.send(7);
  EXPECT_FALSE(mine.poll(2ms));
  EXPECT_THROW(mine.recv<int>(2ms), TimeoutError);
  ::kill(pid, SIGCONT);
  EXPECT_EQ(mine.recv<int>(), 7);
  process.join();
}

TEST_F(ConnectionFaults, ASenderThatIsStoppedWithinAMessageIsATimeoutAndThenTheMessage) {
  auto [mine, theirs] = mp::Pipe();
  Process process([](const Connection& out) { out.send(large()); }, std::move(theirs));
  process.start();
  EXPECT_TRUE(mine.poll(None));
  const int pid = process.pid().value();
  ::kill(pid, SIGSTOP);
  ASSERT_EQ(::waitpid(pid, nullptr, WUNTRACED), pid);
  EXPECT_THROW(mine.recv<std::string>(2ms), TimeoutError);
  ::kill(pid, SIGCONT);
  EXPECT_TRUE(mine.recv<std::string>() == large());
  process.join();
}

TEST_F(ConnectionFaults, DescriptorsOnTheirWayToADeadReceiverAreClosed) {
  auto [mine, theirs] = mp::Pipe();
  Process process(
      [](const Connection& in) {
        in.poll(None);
        ::raise(SIGKILL);
      },
      std::move(theirs));
  process.start();
  Pipe file;
  mine.send_descriptor(file.write_end());
  process.join();
  EXPECT_EQ(file.read_all(), "");  // the end: nobody has the other one
}

// Runs `body` where no descriptor is to be had, and returns what it throws. (Nobody reads the
// exception there: UndefinedBehaviorSanitizer needs a pipe for that.)
std::exception_ptr without_descriptors(const std::function<void()>& body) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  std::exception_ptr thrown;
  ::setrlimit(RLIMIT_NOFILE, &none);
  try {
    body();
  } catch (...) {
    thrown = std::current_exception();
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  return thrown;
}

template <class E>
std::string message_of(const std::exception_ptr& thrown) {
  if (thrown == nullptr) return "nothing";
  try {
    std::rethrow_exception(thrown);
  } catch (const E& error) {
    return error.what();
  }
}

TEST_F(ConnectionFaults, WithoutDescriptorsThereIsNoPipe) {
  EXPECT_EQ(
      in_child([] { return message_of<ConnectionError>(without_descriptors([] { mp::Pipe(); })); }),
      "cannot make a pipe: Too many open files");
}

TEST_F(ConnectionFaults, WithoutDescriptorsADescriptorIsLostAndTheConnectionIsNot) {
  EXPECT_THAT(in_child([] {
                const auto [a, b] = mp::Pipe();
                a.send_descriptor(STDERR_FILENO);
                a.send("next");
                const auto thrown = without_descriptors([&end = b] { end.recv_descriptor(); });
                return message_of<ConnectionError>(thrown) + ", and " + b.recv<std::string>();
              }),
              testing::AllOf(HasSubstr("Too many open files"), testing::EndsWith(", and next")));
}

TEST_F(ConnectionFaults, WithoutDescriptorsALargeMessageIsNotSentAndASmallOneIs) {
  EXPECT_THAT(in_child([] {
                const auto [a, b] = mp::Pipe();
                std::exception_ptr thrown;
                const auto after = without_descriptors([&, &end = a] {
                  thrown = without_descriptors([&] { end.send(large()); });
                  end.send("small");
                });
                return message_of<ConnectionError>(thrown) + ", " +
                       message_of<ConnectionError>(after) + ", and " + b.recv<std::string>();
              }),
              "cannot send: Too many open files, nothing, and small");
}

// Senders are killed at random moments: what arrives is whole, or an error, and another sender's
// messages all arrive.
TEST_F(ConnectionFaults, SendersMayBeKilledAtAnyMoment) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto [reader, writer] = mp::Pipe(false);
  const std::string steady(200'000, 's');
  for (int round = 0; round < kRandomKills; ++round) {
    Process victim([&out = writer] {
      for (std::size_t size = 1;; size = size * 7 % 1'000'003) out.send(std::string(size, 'v'));
    });
    victim.start();
    std::jthread sender([&out = writer, &steady] { out.send(steady); });
    std::jthread killer([&victim, wait = std::chrono::microseconds(random() % 1000)] {
      victim.join(wait);
      victim.kill();
    });
    for (bool steady_came = false; !steady_came;) {
      try {
        const auto message = reader.recv<std::string>();
        ASSERT_TRUE(message == std::string(message.size(), message.front()));
        steady_came = message.front() == 's';
      } catch (const ConnectionError& error) {
        EXPECT_THAT(error.what(), HasSubstr("during message"));
      }
    }
    // What the victim has sent must not keep it from being killed, nor the next round from its
    // turn.
    killer.join();
    victim.join();
    while (reader.poll()) {
      try {
        reader.recv<std::string>();
      } catch (const ConnectionError&) {
        continue;
      }
    }
  }
}

}  // namespace
}  // namespace mp::test
