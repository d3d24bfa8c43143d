#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "mp/local/event.h"
#include "mp/local/listener.h"
#include "mp/process.h"
#include "tests/fork/asleep.h"
#include "tests/fork/process_fixture.h"

// Listeners whose clients, or who themselves, are killed, silent, or talk nonsense.

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::ThrowsMessage;

const ListenerOptions kLocked{.authkey = Bytes("secret"), .handshake_limit = None};
const ClientOptions kWithKey{.authkey = Bytes("secret")};

class ListenerFaults : public ProcessTest {
 protected:
  // Says so and demands that the listener is as good as before.
  static void expect_good(const Listener& listener) {
    WaitingThread accepting([&] { listener.accept().send("come in"); });
    EXPECT_EQ(Client(listener.address(), kWithKey).recv<std::string>(), "come in");
    accepting.join();
  }

  // The path of a socket whose process was killed.
  static std::string path_of_killed_listener() {
    const auto [here, there] = mp::Pipe();
    Process child([&out = there] {
      const Listener listener;
      out.send(listener.address().name());
      ::raise(SIGKILL);
    });
    child.start();
    auto path = here.recv<std::string>();
    child.join();
    EXPECT_TRUE(std::filesystem::is_socket(path));
    return path;
  }
};

TEST_F(ListenerFaults, AClientThatIsKilledWithinTheHandshakeIsAnErrorAndTheNextIsAccepted) {
  const Listener listener(Address::any(Family::kTcp), kLocked);
  Process child([&] {
    const Connection connection = Client(listener.address());
    connection.recv_bytes();  // the challenge
    ::raise(SIGKILL);
  });
  child.start();
  EXPECT_THAT([&] { listener.accept(); },
              ThrowsMessage<AuthenticationError>(HasSubstr("gone before the end")));
  child.join();
  expect_good(listener);
}

TEST_F(ListenerFaults, AClientThatLeavesAtOnceIsAnErrorAndTheNextIsAccepted) {
  const Listener listener(Address::any(Family::kUnix), kLocked);
  Client(listener.address()).close();
  EXPECT_THROW(listener.accept(), AuthenticationError);
  expect_good(listener);
}

TEST_F(ListenerFaults, AClientThatTalksNonsenseIsAnErrorAndTheNextIsAccepted) {
  const Listener listener(Address::any(Family::kTcp), kLocked);
  for (const std::string& nonsense :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(100'000, '\xFF'),
        std::string("\0\0\0\x05", 4) + "hello", std::string("\0\0\0\0", 4), std::string("\0", 1)}) {
    {
      const Connection client = Client(listener.address());
      ASSERT_EQ(::send(client.fileno(), nonsense.data(), nonsense.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(nonsense.size()));
      ::shutdown(client.fileno(), SHUT_WR);
      EXPECT_THROW(listener.accept(), AuthenticationError);
    }
    expect_good(listener);
  }
}

TEST_F(ListenerFaults, ClientsThatTalkAtRandomAreAnErrorEach) {
  const Listener listener(Address::any(Family::kUnix), kLocked);
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    std::string noise(random() % 300, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    // Every second one begins as a message of its length does, or nearly so.
    const auto length = static_cast<unsigned>(noise.size() + random() % 3);
    if (i % 2 == 0)
      noise.insert(0, {'\0', '\0', static_cast<char>(length >> 8U), static_cast<char>(length)});
    const Connection client = Client(listener.address());
    ASSERT_EQ(::send(client.fileno(), noise.data(), noise.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(noise.size()));
    ::shutdown(client.fileno(), SHUT_WR);
    ASSERT_THROW(listener.accept(), AuthenticationError);
  }
  expect_good(listener);
}

TEST_F(ListenerFaults, AClientThatSaysHalfAMessageHasItsTime) {
  for (const std::string& half : {std::string("\0\0", 2), std::string("\0\0\0\x2B{sha", 8)}) {
    const Listener listener(Address::any(Family::kTcp),
                            {.authkey = Bytes("secret"), .handshake_limit = 1ms});
    const Connection slow = Client(listener.address());
    ASSERT_EQ(::send(slow.fileno(), half.data(), half.size(), 0),
              static_cast<ssize_t>(half.size()));
    EXPECT_THAT([&] { listener.accept(); },
                ThrowsMessage<AuthenticationError>(HasSubstr("did not end within the time limit")));
  }
}

TEST_F(ListenerFaults, AListenerThatSaysHalfAChallengeIsATimeoutOfItsClient) {
  const Listener listener(Address::any(Family::kUnix));
  const Address address = listener.address();
  WaitingThread connecting([&] {
    EXPECT_THROW(Client(address, {.authkey = Bytes("secret"), .timeout = 200ms}), TimeoutError);
  });
  const Connection connection = listener.accept();
  const std::string half("\0\0\0\x3B#CHALL", 10);
  ::send(connection.fileno(), half.data(), half.size(), MSG_NOSIGNAL);
  connecting.join();
}

TEST_F(ListenerFaults, AClientThatSendsDescriptorsInsteadOfADigestLeavesNone) {
  const Listener listener(Address::any(Family::kUnix), kLocked);
  const Connection client = Client(listener.address());
  client.send_descriptor(client.fileno());
  EXPECT_THROW(listener.accept(), AuthenticationError);
}

TEST_F(ListenerFaults, AClientThatSaysNothingHasNoMoreThanItsTime) {
  const Listener listener(Address::any(Family::kUnix),
                          {.authkey = Bytes("secret"), .handshake_limit = 1ms});
  const Connection silent = Client(listener.address());
  EXPECT_THAT([&] { listener.accept(); },
              ThrowsMessage<AuthenticationError>(HasSubstr("did not end within the time limit")));
}

TEST_F(ListenerFaults, AClientThatSaysNothingHoldsNoOtherAccepter) {
  const Listener listener(Address::any(Family::kUnix), kLocked);
  Connection silent = Client(listener.address());
  WaitingThread held([&] { EXPECT_THROW(listener.accept(), AuthenticationError); });
  EXPECT_TRUE(silent.poll(None));  // it is attended to
  expect_good(listener);
  EXPECT_FALSE(held.is_done());
  silent.close();
  held.join();
}

TEST_F(ListenerFaults, AListenerThatIsKilledWithinTheHandshakeIsAnErrorToItsClient) {
  const auto [here, there] = mp::Pipe();
  Process child([&out = there] {
    const Listener listener(Address::any(Family::kTcp));
    out.send(listener.address());
    const Connection connection = listener.accept();
    connection.send_bytes("#CHALLENGE#{sha256}" + std::string(40, 'x'));
    connection.recv_bytes();
    ::raise(SIGKILL);
  });
  child.start();
  EXPECT_THROW(Client(here.recv<Address>(), kWithKey), EOFError);
  child.join();
}

TEST_F(ListenerFaults, AListenerThatIsKilledIsAnErrorToWhoWaitsToBeAccepted) {
  const auto [here, there] = mp::Pipe();
  Process child([&out = there] {
    const Listener listener;
    out.send(listener.address());
    out.recv();
  });
  child.start();
  const auto address = here.recv<Address>();
  WaitingThread waiting([&] { EXPECT_THROW(Client(address, kWithKey), EOFError); });
  child.kill();
  child.join();
  waiting.join();
  std::filesystem::remove(address.name());
}

TEST_F(ListenerFaults, TheFileOfAKilledListenerIsTakenOver) {
  const std::string path = path_of_killed_listener();
  {
    const Listener listener(Address(path), kLocked);
    expect_good(listener);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ListenerFaults, TheFileOfAKilledListenerIsInUseWhileAChildOfItsListens) {
  const Listener listener;
  const std::string path = listener.address().name();
  Gate gate;
  Process child([&] {
    gate.wait();
    listener.accept().send("by the child");
  });
  child.start();
  const Address other(path + "-other");
  std::filesystem::rename(path, other.name());  // so that the parent's close() leaves it
  listener.close();
  EXPECT_THROW(Listener{other}, ConnectionError);
  gate.open();
  EXPECT_EQ(Client(other).recv<std::string>(), "by the child");
  child.join();
  EXPECT_NO_THROW(Listener{other});
}

// How many of several processes listen at a path, which they do at once.
int listeners_at(const std::string& path) {
  constexpr int kProcesses = 6;
  const mp::Event start;
  const auto [results, result] = mp::Pipe(false);
  Gate gate;
  std::vector<Process> processes;
  for (int i = 0; i < kProcesses; ++i) {
    processes.emplace_back([&, &out = result] {
      start.wait();
      try {
        const Listener listener{Address(path)};
        out.send(true);
        gate.wait();
      } catch (const ConnectionError&) {
        out.send(false);
      }
    });
    processes.back().start();
  }
  start.set();
  int count = 0;
  for (int i = 0; i < kProcesses; ++i) count += results.recv<bool>() ? 1 : 0;
  EXPECT_NO_THROW(Client(Address(path)));  // it can be found
  gate.open();
  for (Process& process : processes) process.join();
  return count;
}

TEST_F(ListenerFaults, OfManyWhoTakeOverAFileAtOnceOneHasIt) {
  for (int round = 0; round < 10; ++round) {
    const std::string path = path_of_killed_listener();
    EXPECT_EQ(listeners_at(path), 1);
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST_F(ListenerFaults, OfManyWhoMakeAFileAtOnceOneHasIt) {
  const std::string path = Listener().address().name();
  for (int round = 0; round < 10; ++round) EXPECT_EQ(listeners_at(path), 1);
}

}  // namespace
}  // namespace mp::test
