#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

class StandardStreams : public ProcessTest {};

void run(const std::function<void()>& body) {
  Process process(body);
  process.start();
  process.join();
}

TEST_F(StandardStreams, WhatTheParentBufferedIsWrittenOnceAndFirst) {
  EXPECT_EQ(output_of(STDOUT_FILENO,
                      [] {
                        std::cout << "parent ";
                        std::printf("stdio ");
                        run([] { std::cout << "child "; });
                        std::cout << "parent";
                      }),
            "parent stdio child parent");
}

TEST_F(StandardStreams, FilesOfTheProgramAreWrittenOnceAndByTheChildToo) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::tmpfile(), std::fclose);
  std::fputs("parent ", file.get());
  run([&] { std::fputs("child ", file.get()); });
  std::fseek(file.get(), 0, SEEK_END);
  EXPECT_EQ(std::ftell(file.get()), 13);
}

TEST_F(StandardStreams, OutputThatCannotBeDeliveredShowsInTheExitCode) {
  const auto print_to_full_disk = [](int code) {
    return exitcode_of([=] {
      ::close(STDERR_FILENO);
      ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
      std::cout << "text";
      mp::exit(code);
    });
  };
  EXPECT_EQ(print_to_full_disk(0), 120);
  EXPECT_EQ(print_to_full_disk(3), 3);
}

TEST_F(StandardStreams, AChildThatSaysNothingNeedsNoOutput) {
  EXPECT_EQ(exitcode_of([] {
              ::close(STDOUT_FILENO);
              mp::exit(exitcode_of([] {}));
            }),
            0);
}

TEST_F(StandardStreams, AChildAnswersOnlyForItsOwnOutput) {
  EXPECT_EQ(exitcode_of([] {
              ::close(STDERR_FILENO);
              ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
              std::cout << "lost by the parent" << std::flush;
              const int child = exitcode_of([] {});
              ::_exit(child);
            }),
            0);
}

TEST_F(StandardStreams, StandardInputOfAChildIsEmpty) {
  Pipe input;
  input.write("for the parent\n");
  EXPECT_EQ(exitcode_of([&] {
              ::dup2(input.read_end(), STDIN_FILENO);
              mp::exit(exitcode_of([] {
                std::string line;
                mp::exit(std::getline(std::cin, line) ? 1 : 0);
              }));
            }),
            0);
  EXPECT_EQ(input.read_all(), "for the parent\n");
}

TEST_F(StandardStreams, AThreadThatReadsStandardInputHoldsBackNoStart) {
  Pipe input;
  EXPECT_EQ(exitcode_of([&] {
              ::dup2(input.read_end(), STDIN_FILENO);
              std::thread([] { std::getchar(); }).detach();
              while (::ftrylockfile(stdin) == 0) {  // until that thread has it
                ::funlockfile(stdin);
                std::this_thread::yield();
              }
              mp::exit(exitcode_of([] { mp::exit(5); }));
            }),
            5);
}

}  // namespace
}  // namespace mp::test
