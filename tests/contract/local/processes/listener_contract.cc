#include <chrono>
#include <string>
#include <utility>

#include "mp/current_process.h"
#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

// Children that are started by every method and connect to a listener in their parent.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalListenerInProcesses : public LocalContract {
 protected:
  static constexpr Family kFamilies[] = {Family::kUnix, Family::kAbstract, Family::kTcp};

  // Restored after the test.
  const Bytes authkey_ = current_process().authkey();
  ~LocalListenerInProcesses() override { current_process().set_authkey(authkey_); }
};
INSTANTIATE_TEST_SUITE_P(By, LocalListenerInProcesses, testing::ValuesIn(all_ways()),
                         name_of_param);

void say_hello(const Address& address) { Client(address).send("hello"); }

TEST_P(LocalListenerInProcesses, AcceptsAChildInEachFamily) {
  for (const Family family : kFamilies) {
    const Listener listener(Address::any(family));
    Process child = started(say_hello, listener.address());
    EXPECT_EQ(listener.accept().recv<std::string>(), "hello");
    expect_success(child);
  }
}

TEST_P(LocalListenerInProcesses, ReadsWhatAChildSaidThatWasGoneBeforeItWasAccepted) {
  for (const Family family : kFamilies) {
    const Listener listener(Address::any(family));
    Process child = started(say_hello, listener.address());
    expect_success(child);
    const Connection connection = listener.accept();
    EXPECT_TRUE(connection.poll(kLong));
    EXPECT_EQ(connection.recv<std::string>(), "hello");
    EXPECT_THROW(connection.recv(), EOFError);
  }
}

TEST_P(LocalListenerInProcesses, SeesWhatItSentByPoll) {
  for (const Family family : kFamilies) {
    const Listener listener(Address::any(family));
    Process child = started(
        [](const Address& address) {
          const Connection connection = Client(address);
          if (!connection.poll(kLong)) mp::exit(2);
        },
        listener.address());
    listener.accept().send_bytes("hello");
    expect_success(child);
  }
}

void prove_the_key(const Address& address) {
  const Connection connection = Client(address, {.authkey = current_process().authkey()});
  connection.send(connection.recv());
}

TEST_P(LocalListenerInProcesses, KnowsAChildByTheAuthkeyThatItInherits) {
  const Listener listener(Address::any(Family::kTcp), {.authkey = current_process().authkey()});
  Process child = started(prove_the_key, listener.address());
  const Connection connection = listener.accept();
  connection.send(7);
  EXPECT_EQ(connection.recv<int>(), 7);
  expect_success(child);
}

TEST_P(LocalListenerInProcesses, KnowsAChildByTheAuthkeyThatWasSetBeforeItsStart) {
  current_process().set_authkey(Bytes("secret"));
  const Listener listener(Address::any(Family::kAbstract), {.authkey = Bytes("secret")});
  Process child = started(prove_the_key, listener.address());
  const Connection connection = listener.accept();
  connection.send(7);
  EXPECT_EQ(connection.recv<int>(), 7);
  expect_success(child);
}

}  // namespace
}  // namespace mp::contract
