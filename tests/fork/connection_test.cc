#include "mp/local/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

// Connections between processes that behave.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

class ConnectionsOfProcesses : public ProcessTest {};

void echo(const Connection& connection) {
  for (Bytes message; !(message = connection.recv_bytes()).empty();) {
    connection.send_bytes(message);
  }
  connection.close();
}

TEST_F(ConnectionsOfProcesses, WhatAChildIsSentComesBack) {
  auto [mine, theirs] = mp::Pipe();
  Process process(echo, std::move(theirs));
  process.start();

  mine.send(Any{1, 2.25, None});
  EXPECT_EQ(mine.recv(), (Any{1, 2.25, None}));
  mine.send_bytes("hello world");
  EXPECT_EQ(mine.recv_bytes(), Bytes("hello world"));
  std::array<int, 10> buffer{};
  mine.send_bytes(std::array<int, 4>{0, 1, 2, 3});
  EXPECT_EQ(mine.recv_bytes_into(buffer, 12), 16U);
  EXPECT_EQ(buffer[6], 3);
  const std::string large(std::size_t{16} * 1024 * 1024, 'X');
  mine.send_bytes(large);
  EXPECT_TRUE(mine.recv_bytes() == Bytes(large));

  EXPECT_FALSE(mine.poll(1ms));
  mine.send_bytes("");  // the child ends
  EXPECT_TRUE(mine.poll(None));
  EXPECT_THROW(mine.recv(), EOFError);
  process.join();
}

TEST_F(ConnectionsOfProcesses, AnEndThatWasMovedIntoAProcessLeavesTheParentAtItsStart) {
  auto [mine, theirs] = mp::Pipe();
  Process process(echo, std::move(theirs));
  const auto before = open_descriptors().size();
  process.start();
  EXPECT_EQ(open_descriptors().size(), before);  // one less, and the sentinel
  mine.send_bytes("hello");
  EXPECT_EQ(mine.recv_bytes(), Bytes("hello"));
  mine.send_bytes("");
  process.join();
}

TEST_F(ConnectionsOfProcesses, TheParentMayCloseItsCopyAtOnce) {
  const auto [mine, theirs] = mp::Pipe();
  Process process(echo, theirs);
  process.start();
  theirs.close();
  mine.send_bytes("hello");
  EXPECT_EQ(mine.recv_bytes(), Bytes("hello"));
  mine.send_bytes("");
  process.join();
}

TEST_F(ConnectionsOfProcesses, AChildThatPollsTakesNothing) {
  const auto [reader, writer] = mp::Pipe(false);
  Process process([&in = reader] { mp::exit(in.poll(None) && in.poll(None) ? 0 : 1); });
  process.start();
  writer.send_bytes("first");
  writer.send_bytes("second");
  process.join();
  EXPECT_EQ(process.exitcode(), 0);
  EXPECT_EQ(reader.recv_bytes(), Bytes("first"));
  EXPECT_EQ(reader.recv_bytes(), Bytes("second"));
}

TEST_F(ConnectionsOfProcesses, TheMessagesOfAChildStaySeparate) {
  auto [a, b] = mp::Pipe();
  const std::vector<std::string> texts{"hello", "", "a", "b", "", "bye", "", "lop"};
  Process process(
      [](const Connection& out, const std::vector<std::string>& all) {
        for (const auto& text : all) out.send_bytes(text);
      },
      std::move(b), texts);
  process.start();
  for (const auto& text : texts) {
    EXPECT_TRUE(a.poll(None));
    EXPECT_EQ(a.recv_bytes(), Bytes(text));
  }
  process.join();
}

TEST_F(ConnectionsOfProcesses, TheEndOfTheChildIsTheEndOfFile) {
  auto [mine, theirs] = mp::Pipe();
  Process process([](const Connection& out) { out.send("last words"); }, std::move(theirs));
  process.start();
  EXPECT_EQ(mine.recv<std::string>(), "last words");
  EXPECT_THROW(mine.recv(), EOFError);
  process.join();
}

TEST_F(ConnectionsOfProcesses, AChildThatClosesTheOtherEndLearnsOfTheParents) {
  auto [mine, theirs] = mp::Pipe();
  Process process(
      [](const Connection& in) {
        in.close_other_end();
        try {
          in.recv();
        } catch (const EOFError&) {
          mp::exit(5);
        }
      },
      std::move(theirs));
  process.start();
  mine.close();
  process.join();
  EXPECT_EQ(process.exitcode(), 5);
}

TEST_F(ConnectionsOfProcesses, SeveralProcessesSendWholeMessagesToOneEnd) {
  constexpr int kProcesses = 3;
  constexpr int kEach = 40;
  auto [reader, writer] = mp::Pipe(false);
  std::vector<Process> processes;
  for (int i = 0; i < kProcesses; ++i) {
    processes.emplace_back(
        [](const Connection& out, int number) {
          for (int k = 0; k < kEach; ++k) {
            out.send(std::string(k % 2 == 0 ? 50'000U : 500'000U, static_cast<char>('a' + number)));
          }
        },
        writer, i);
  }
  for (auto& process : processes) process.start();
  writer.close();
  int received = 0;
  EXPECT_THROW(
      for (;; ++received) {
        const auto message = reader.recv<std::string>();
        EXPECT_TRUE(message == std::string(message.size(), message.front()));
      },
      EOFError);
  EXPECT_EQ(received, kProcesses * kEach);
  for (auto& process : processes) process.join();
}

TEST_F(ConnectionsOfProcesses, SeveralProcessesReceiveWholeMessagesFromOneEnd) {
  constexpr int kMessages = 60;
  const auto [reader, writer] = mp::Pipe(false);
  const auto [counts, count] = mp::Pipe(false);
  std::vector<Process> processes;
  for (int i = 0; i < 2; ++i) {
    processes.emplace_back([&in = reader, &out = count] {
      in.close_other_end();
      int good = 0;
      try {
        for (;;) {
          const auto message = in.recv<std::string>();
          good += message == std::string(message.size(), message.front()) ? 1 : 0;
        }
      } catch (const EOFError&) {
        out.send(good);
      }
    });
    processes.back().start();
  }
  for (int i = 0; i < kMessages; ++i) {
    writer.send(std::string(i % 2 == 0 ? 1000U : 300'000U, static_cast<char>('a' + i % 26)));
  }
  writer.close();
  EXPECT_EQ(counts.recv<int>() + counts.recv<int>(), kMessages);
  for (auto& process : processes) process.join();
}

TEST_F(ConnectionsOfProcesses, ConnectionsReachAProcessThatRuns) {
  auto [mine, theirs] = mp::Pipe();
  Process process(
      [](const Connection& connection) {
        const auto writer = connection.recv<Connection>();
        writer.send("all is well");
        writer.close();
        const auto reader = connection.recv<Connection>();
        connection.send(reader.recv<std::string>() + "!");
      },
      std::move(theirs));
  process.start();
  {
    auto [reader, writer] = mp::Pipe(false);
    mine.send(writer);
    writer.close();
    EXPECT_EQ(reader.recv<std::string>(), "all is well");
  }
  const auto [reader, writer] = mp::Pipe(false);
  mine.send(reader);
  reader.close();
  writer.send("foobar");
  EXPECT_EQ(mine.recv<std::string>(), "foobar!");
  process.join();
}

TEST_F(ConnectionsOfProcesses, ADescriptorReachesAProcessThatRuns) {
  auto [mine, theirs] = mp::Pipe();
  Process process(
      [](const Connection& connection) {
        const int fd = connection.recv_descriptor();
        mp::exit(fd > STDERR_FILENO && ::write(fd, "foo", 3) == 3 ? 0 : 1);
      },
      std::move(theirs));
  process.start();
  Pipe file;
  mine.send_descriptor(file.write_end());
  EXPECT_EQ(file.read_all(), "foo");
  process.join();
  EXPECT_EQ(process.exitcode(), 0);
}

TEST_F(ConnectionsOfProcesses, InterruptedCallsGoOn) {
  auto [mine, theirs] = mp::Pipe();
  const std::string large(std::size_t{4} * 1024 * 1024, 'x');
  Process process(
      [](const Connection& connection, const std::string& message) {
        struct sigaction nothing = {};
        nothing.sa_handler = [](int) {};  // without SA_RESTART
        ::sigaction(SIGUSR1, &nothing, nullptr);
        connection.send("ready");
        connection.send(connection.recv<int>());
        connection.send_bytes(message);
      },
      std::move(theirs), large);
  process.start();
  EXPECT_EQ(mine.recv<std::string>(), "ready");
  const auto disturb = [&] {
    for (int i = 0; i < 100; ++i) ::kill(process.pid().value(), SIGUSR1);
  };
  disturb();
  mine.send(1234);
  EXPECT_EQ(mine.recv<int>(), 1234);
  EXPECT_TRUE(mine.poll(None));
  disturb();
  EXPECT_TRUE(mine.recv_bytes() == Bytes(large));
  process.join();
  EXPECT_EQ(process.exitcode(), 0);
}

}  // namespace
}  // namespace mp::test
