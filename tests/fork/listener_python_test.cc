#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "mp/local/listener.h"
#include "tests/fork/asleep.h"
#include "tests/fork/process_fixture.h"

// Listeners and clients whose other side is Python's multiprocessing.connection, of 3.12 or later.

namespace mp::test {
namespace {

const Bytes kKey("secret");

// What a script of Python is told of an address, as an expression.
std::string python_of(const Address& address) { return repr(address); }

// A Python that runs a script, and is waited for.
class Python {
 public:
  explicit Python(std::string script) {
    script.insert(0, "from multiprocessing.connection import Client, Listener\n");
    std::string program = MP_TEST_PYTHON;
    std::string option = "-c";
    char* arguments[] = {program.data(), option.data(), script.data(), nullptr};
    if (::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments, environ) != 0) pid_ = -1;
  }
  ~Python() {
    if (pid_ > 0) join();
  }
  Python(const Python&) = delete;
  Python& operator=(const Python&) = delete;

  // Its exit code.
  int join() {
    int status = -1;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
};

class ListenersWithPython : public ProcessTest {
 protected:
  void SetUp() override {
    if (std::string(MP_TEST_PYTHON).empty()) GTEST_SKIP() << "there is no Python 3.12 or later";
  }

  // A free address of Python's to come, where nobody listens yet.
  static Address free_address() { return Listener().address(); }
};

TEST_F(ListenersWithPython, TalkToItsClientInEachFamily) {
  for (const Family family : {Family::kUnix, Family::kAbstract, Family::kTcp}) {
    const Listener listener(Address::any(family), {.authkey = kKey});
    Python python("c = Client(" + python_of(listener.address()) +
                  ", authkey=b'secret')\n"
                  "c.send_bytes(c.recv_bytes().upper())\n");
    const Connection connection = listener.accept();
    connection.send_bytes("hello");
    EXPECT_EQ(connection.recv_bytes(), Bytes("HELLO"));
    EXPECT_EQ(python.join(), 0);
  }
}

TEST_F(ListenersWithPython, TellItsClientThatTheKeyIsAnother) {
  const Listener listener(Address::any(Family::kTcp), {.authkey = kKey});
  Python python(
      "from multiprocessing import AuthenticationError\n"
      "try: Client(" +
      python_of(listener.address()) +
      ", authkey=b'guess')\n"
      "except AuthenticationError: raise SystemExit(5)\n");
  EXPECT_THROW(listener.accept(), AuthenticationError);
  EXPECT_EQ(python.join(), 5);
}

// Runs a Listener of Python's that says by the pipe when it listens.
std::string listening(const Address& address, int ready, const std::string& then) {
  return "import os\n"
         "from multiprocessing import AuthenticationError\n"
         "l = Listener(" +
         python_of(address) +
         ", authkey=b'secret')\n"
         "os.write(" +
         std::to_string(ready) + ", b'.')\n" + then;
}

TEST_F(ListenersWithPython, HaveClientsThatTalkToItsListener) {
  const Pipe ready;
  ::fcntl(ready.write_end(), F_SETFD, 0);
  const Address address = free_address();
  Python python(listening(address, ready.write_end(),
                          "c = l.accept()\n"
                          "c.send_bytes(c.recv_bytes().upper())\n"));
  ASSERT_TRUE(ready.wait_for_byte());
  const Connection connection = Client(address, {.authkey = kKey});
  const std::string large(std::size_t{1} * 1024 * 1024, 'x');
  connection.send_bytes(large);
  EXPECT_TRUE(connection.recv_bytes() == Bytes(std::string(large.size(), 'X')));
  EXPECT_EQ(python.join(), 0);
}

TEST_F(ListenersWithPython, HaveClientsWhomItsListenerTellsThatTheKeyIsAnother) {
  const Pipe ready;
  ::fcntl(ready.write_end(), F_SETFD, 0);
  const Address address = free_address();
  Python python(listening(address, ready.write_end(),
                          "try: l.accept()\n"
                          "except AuthenticationError: raise SystemExit(5)\n"));
  ASSERT_TRUE(ready.wait_for_byte());
  EXPECT_THROW(Client(address, {.authkey = Bytes("guess")}), AuthenticationError);
  EXPECT_EQ(python.join(), 5);
}

}  // namespace
}  // namespace mp::test
