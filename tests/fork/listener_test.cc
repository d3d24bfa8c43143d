#include "mp/local/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "mp/process.h"
#include "tests/fork/asleep.h"
#include "tests/fork/process_fixture.h"

// Listeners and their clients where all goes well, and where it is refused. Children of every start
// method are in tests/contract/local.

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

const ListenerOptions kLocked{.authkey = Bytes("secret")};
const ClientOptions kWithKey{.authkey = Bytes("secret")};

class Listeners : public ProcessTest {
 protected:
  static std::string new_path() {
    const Listener chosen;
    return chosen.address().name();
  }

  // What comes through a connection to it.
  static std::string exchange(const Listener& listener) {
    const Connection client = Client(listener.address());
    client.send("hello");
    return listener.accept().recv<std::string>();
  }
};

TEST_F(Listeners, TellAPortThatWasChosen) {
  const Listener listener(Address("localhost", 0));
  EXPECT_EQ(listener.address(), Address("127.0.0.1", listener.address().port()));
  EXPECT_GT(listener.address().port(), 0);
  EXPECT_EQ(exchange(listener), "hello");
}

TEST_F(Listeners, TellAnAbstractNameThatWasChosen) {
  const Listener listener(Address::any(Family::kAbstract));
  EXPECT_NE(listener.address().name(), "");
  EXPECT_EQ(exchange(listener), "hello");
}

TEST_F(Listeners, HaveAbstractNamesByALeadingNulAsInPython) {
  const std::string name = "mp-test-" + std::to_string(::getpid());
  const Listener listener(Address('\0' + name));
  EXPECT_EQ(listener.address(), Address::abstract(name));
  EXPECT_EQ(exchange(listener), "hello");
}

TEST_F(Listeners, WithAFileThatWasChosenAreForThisUserAlone) {
  const Listener listener;
  struct stat file {};
  ASSERT_EQ(::stat(listener.address().name().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
}

TEST_F(Listeners, TellWhereTheLastOneCameFrom) {
  const Listener listener(Address("127.0.0.1", 0));
  EXPECT_EQ(listener.last_accepted(), std::nullopt);
  const Connection client = Client(listener.address());
  const Connection accepted = listener.accept();
  ASSERT_TRUE(listener.last_accepted().has_value());
  EXPECT_EQ(listener.last_accepted()->name(), "127.0.0.1");
  EXPECT_NE(listener.last_accepted()->port(), listener.address().port());
}

TEST_F(Listeners, OfAnAddressInUseAreRefused) {
  for (const Family family : {Family::kUnix, Family::kAbstract, Family::kTcp}) {
    const Listener first(Address::any(family));
    EXPECT_THAT([&] { Listener(first.address()); },
                ThrowsMessage<ConnectionError>(
                    AllOf(StartsWith("cannot listen at "), HasSubstr("Address already in use"))));
    EXPECT_EQ(first.try_accept(), std::nullopt);  // it was not disturbed
    EXPECT_EQ(exchange(first), "hello");
  }
}

TEST_F(Listeners, AreOpenAgainAtOnceAtTheAddressOfOneThatWasClosed) {
  for (const Family family : {Family::kUnix, Family::kAbstract, Family::kTcp}) {
    const Listener first(Address::any(family));
    EXPECT_EQ(exchange(first), "hello");
    first.close();
    EXPECT_EQ(exchange(Listener(first.address())), "hello");
  }
}

TEST_F(Listeners, RefuseNamesThatAreNone) {
  EXPECT_THROW(Listener(Address(std::string(108, 'x'))), ValueError);
  EXPECT_THROW(Listener(Address(std::string("/tmp/a\0b", 8))), ValueError);
  EXPECT_THROW(Address("localhost", 65536), ValueError);
  EXPECT_THROW(Listener(Address::any(Family::kTcp), {.backlog = -1}), ValueError);
}

TEST_F(Listeners, AcceptNobodyOnceClosed) {
  const Listener listener;
  const Listener copy = listener;
  listener.close();
  listener.close();
  EXPECT_TRUE(copy.closed());
  EXPECT_THAT([&] { copy.accept(); },
              ThrowsMessage<ConnectionError>(HasSubstr("the listener is closed")));
  EXPECT_THROW(Client(copy.address()), ConnectionError);
}

TEST_F(Listeners, AreOfNoUseOnceMovedFrom) {
  Listener listener;
  const Listener moved = std::move(listener);
  EXPECT_THROW(listener.accept(), ValueError);
  EXPECT_EQ(exchange(moved), "hello");
}

TEST_F(Listeners, LetAThreadGoThatWaitsWhenTheyAreClosed) {
  const Listener listener;
  WaitingThread waiting([&] { EXPECT_THROW(listener.accept(), ConnectionError); });
  listener.close();
  waiting.join();
}

TEST_F(Listeners, WaitNoLongerThanTheyAreTold) {
  const Listener listener;
  EXPECT_EQ(listener.try_accept(), std::nullopt);
  EXPECT_EQ(listener.try_accept(1ms), std::nullopt);
  EXPECT_THROW(listener.accept(1ms), TimeoutError);
}

// SIGUSR1 ends what waits in the kernel, and nothing else.
class Interrupting {
 public:
  Interrupting() {
    struct sigaction interrupting {};
    interrupting.sa_handler = [](int) {};
    ::sigaction(SIGUSR1, &interrupting, &before_);
  }
  ~Interrupting() { ::sigaction(SIGUSR1, &before_, nullptr); }
  Interrupting(const Interrupting&) = delete;
  Interrupting& operator=(const Interrupting&) = delete;

  static void interrupt(const Process& asleep) {
    wait_until_asleep(*asleep.pid());
    ::kill(*asleep.pid(), SIGUSR1);
    wait_until_asleep(*asleep.pid());
  }

 private:
  struct sigaction before_ {};
};

TEST_F(Listeners, GoOnWaitingAfterASignal) {
  const Interrupting signal;
  const auto [here, there] = mp::Pipe();
  Process child([&there = there] {
    const Listener listener(Address::any(Family::kTcp));
    there.send(listener.address());
    listener.accept().send("accepted");
  });
  child.start();
  const auto address = here.recv<Address>();
  Interrupting::interrupt(child);
  EXPECT_EQ(Client(address).recv<std::string>(), "accepted");
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
}

// First for room in the backlog, then in the handshake.
TEST_F(Listeners, HaveClientsThatGoOnWaitingAfterASignal) {
  const Interrupting signal;
  const Listener listener(Address::any(Family::kUnix),
                          {.backlog = 0, .authkey = Bytes("secret"), .handshake_limit = None});
  Connection first = Client(listener.address());
  Process child([&] {
    first.close();
    Client(listener.address(), kWithKey).send("patient");
  });
  child.start();
  Interrupting::interrupt(child);
  first.close();
  EXPECT_THROW(listener.accept(), AuthenticationError);
  Interrupting::interrupt(child);
  EXPECT_EQ(listener.accept().recv<std::string>(), "patient");
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
}

TEST_F(Listeners, AreUsedByAForkedChildInTurnWithItsParent) {
  const Listener listener;
  Process child([&] { listener.accept().send("by the child"); });
  child.start();
  EXPECT_EQ(Client(listener.address()).recv<std::string>(), "by the child");
  child.join();
  EXPECT_EQ(exchange(listener), "hello");
}

TEST_F(Listeners, AreNotClosedByAForkedChildThatClosesItsOwn) {
  const Listener listener;
  WaitingThread accepting([&] { listener.accept().send("by the parent"); });
  EXPECT_EQ(exitcode_of([&] { listener.close(); }), 0);
  EXPECT_EQ(Client(listener.address()).recv<std::string>(), "by the parent");
  accepting.join();
}

TEST_F(Listeners, RemoveTheirFileWhenTheyAreClosed) {
  const Listener listener;
  EXPECT_TRUE(std::filesystem::is_socket(listener.address().name()));
  listener.close();
  EXPECT_FALSE(std::filesystem::exists(listener.address().name()));
}

TEST_F(Listeners, LeaveAFileThatIsNotTheirsAnyMore) {
  const std::string path = new_path();
  {
    const Listener replaced{Address(path)};
    std::filesystem::remove(path);
    std::ofstream(path) << "precious";
  }
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
  EXPECT_THROW(Listener{Address(path)}, ConnectionError);
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
  std::filesystem::remove(path);
}

TEST_F(Listeners, AndClientsKnowEachOtherByTheirKey) {
  const Listener listener(Address::any(Family::kTcp), kLocked);
  WaitingThread accepting([&] { listener.accept().send("come in"); });
  EXPECT_EQ(Client(listener.address(), kWithKey).recv<std::string>(), "come in");
  accepting.join();
}

TEST_F(Listeners, AndClientsOfOtherKeysFailBothAndTheNextOneIsAccepted) {
  const Listener listener(Address::any(Family::kUnix), kLocked);
  WaitingThread accepting([&] {
    EXPECT_THAT([&] { listener.accept(); },
                ThrowsMessage<AuthenticationError>(StartsWith("cannot accept a connection at '/")));
    listener.accept().send("come in");
  });
  EXPECT_THROW(Client(listener.address(), {.authkey = Bytes("guess")}), AuthenticationError);
  EXPECT_EQ(Client(listener.address(), kWithKey).recv<std::string>(), "come in");
  accepting.join();
}

TEST_F(Listeners, AskForTheEmptyKeyToo) {
  const Listener listener(Address::any(Family::kAbstract), {.authkey = Bytes()});
  WaitingThread accepting([&] { EXPECT_THROW(listener.accept(), AuthenticationError); });
  EXPECT_THROW(Client(listener.address(), kWithKey), AuthenticationError);
  accepting.join();
}

TEST_F(Listeners, ThatAreNotThereAreRefused) {
  const Address port = Listener(Address::any(Family::kTcp)).address();
  EXPECT_THAT([&] { Client(port); },
              ThrowsMessage<ConnectionError>(
                  AllOf(StartsWith("cannot connect to ('127.0.0.1', "), HasSubstr("refused"))));
  EXPECT_THAT([&] { Client(Address(new_path())); },
              ThrowsMessage<ConnectionError>(HasSubstr("No such file or directory")));
  EXPECT_THROW(Client(Address("no such host", 1)), ConnectionError);
}

TEST_F(Listeners, ThatHaveNoRoomLetClientsWaitUntilTheirTimeIsOver) {
  const Listener listener(Address::any(Family::kUnix), {.backlog = 0});
  const Connection first = Client(listener.address());  // there is room for one, always
  EXPECT_THROW(Client(listener.address(), {.timeout = 1ms}), TimeoutError);
  EXPECT_THROW(Client(listener.address(), {.timeout = 0ms}), TimeoutError);
  WaitingThread second([&] { Client(listener.address(), {.timeout = None}).send("room"); });
  const Connection accepted = listener.accept();
  EXPECT_EQ(listener.accept().recv<std::string>(), "room");
  second.join();
}

TEST_F(Listeners, ThatDoNotAcceptLetClientsWaitUntilTheirTimeIsOver) {
  const Listener listener(Address::any(Family::kTcp), kLocked);
  EXPECT_THAT([&] { Client(listener.address(), {.authkey = Bytes("secret"), .timeout = 1ms}); },
              ThrowsMessage<TimeoutError>(HasSubstr("within the time limit")));
}

}  // namespace
}  // namespace mp::test
