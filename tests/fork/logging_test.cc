#include "mp/logging.h"

#include <unistd.h>

#include <atomic>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

using testing::ElementsAre;
using testing::Not;

constexpr int kStderr = STDERR_FILENO;

class LoggingInProcesses : public ProcessTest {
 protected:
  ~LoggingInProcesses() override {
    stop_log_to_stderr();
    get_logger().set_level(LogLevel::kNotSet);
  }

  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> result;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) result.push_back(line);
    return result;
  }
};

TEST_F(LoggingInProcesses, AChildHasItsParentsLevel) {
  get_logger().set_level(static_cast<LogLevel>(32));
  EXPECT_EQ(
      in_child([] { return std::to_string(static_cast<int>(get_logger().get_effective_level())); }),
      "32");
}

TEST_F(LoggingInProcesses, AChildThatBeginsAnewHasItsParentsLevelAndStandardErrorToo) {
  for (const StartMethod method : {StartMethod::kSpawn, StartMethod::kForkserver}) {
    log_to_stderr(static_cast<LogLevel>(37));
    Process child({.start_method = method}, [] {
      const bool writes = Logger::is_enabled_for(static_cast<LogLevel>(37));
      mp::exit(writes ? static_cast<int>(get_logger().get_effective_level()) : 0);
    });
    child.start();
    child.join();
    EXPECT_EQ(child.exitcode(), 37);
  }
}

TEST_F(LoggingInProcesses, AChildDoesNotChangeItsParentsLevel) {
  in_child([] {
    get_logger().set_level(LogLevel::kDebug);
    return "";
  });
  EXPECT_EQ(get_logger().level(), LogLevel::kNotSet);
}

TEST_F(LoggingInProcesses, AChildSaysThatItRunsAndHowItEnds) {
  log_to_stderr(LogLevel::kInfo);
  const auto text = output_of(kStderr, [] {
    current_process().set_name("child");
    mp::exit(3);
  });
  // What it says before that goes to the standard error of this process.
  EXPECT_THAT(lines(text), ElementsAre("[INFO/child] process shutting down",
                                       "[INFO/child] process exiting with exitcode 3"));
}

TEST_F(LoggingInProcesses, AProcessSaysWhichChildrenItEndsAndAwaits) {
  log_to_stderr(LogLevel::kInfo);
  const auto text = output_of(kStderr, [] {
    current_process().set_name("parent");
    Gate gate;
    Process({.name = "joined"}, [&] {
      stop_log_to_stderr();
      gate.wait();
    }).start();
    Process({.name = "ended", .daemon = true}, [] { ::pause(); }).start();
    mp::at_exit([&] { gate.open_for_one(); });
    gate.open_for_one();
    mp::exit(0);
  });
  std::vector<std::string> own;
  for (const auto& line : lines(text)) {
    if (line.find("/parent]") != std::string::npos) own.push_back(line);
  }
  EXPECT_THAT(own, testing::Contains("[INFO/parent] calling terminate() for daemon ended"));
}

TEST_F(LoggingInProcesses, NothingIsSaidUnlessAskedFor) {
  EXPECT_EQ(output_of(kStderr, [] {}), "");
}

TEST_F(LoggingInProcesses, LinesOfManyProcessesAreWhole) {
  constexpr int kProcesses = 4;
  constexpr int kLines = 200;
  log_to_stderr();
  Pipe output;
  std::vector<Process> writers;
  for (int i = 0; i < kProcesses; ++i) {
    const char letter = static_cast<char>('a' + i);
    writers.emplace_back(ProcessOptions{.name = std::string(1, letter)}, [&output, letter] {
      ::dup2(output.write_end(), kStderr);
      output.close_write_end();
      for (std::size_t line = 0; line < kLines; ++line) {
        get_logger().warning(std::string(line * 37 % 4000, letter));
      }
    });
    writers.back().start();
  }
  std::map<std::string, int> whole;
  for (const auto& line : lines(output.read_all())) {
    const std::string letter = line.substr(9, 1);
    ASSERT_EQ(line.substr(0, 12), "[WARNING/" + letter + "] ");
    ASSERT_EQ(line.find_first_not_of(letter, 12), std::string::npos) << line;
    ++whole[letter];
  }
  for (auto& writer : writers) writer.join();
  EXPECT_THAT(whole, testing::SizeIs(kProcesses));
  for (const auto& [letter, count] : whole) EXPECT_EQ(count, kLines) << letter;
}

TEST_F(LoggingInProcesses, AForkWhileOtherThreadsLogLeavesTheChildALoggerThatWorks) {
  std::atomic<bool> done = false;
  const auto handler = get_logger().add_handler([](const LogRecord&) {});
  std::thread logs([&] {
    while (!done) get_logger().error("text");
  });
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(exitcode_of([] { get_logger().error("from the child"); }), 0);
  }
  done = true;
  logs.join();
  get_logger().remove_handler(handler);
}

}  // namespace
}  // namespace mp::test
