#include "mp/threads.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "mp/local/event.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"

// Threads of mp::threads at the end of a process, and beside forks.

namespace mp::test {
namespace {

using testing::HasSubstr;

using Threads = ProcessTest;

void write_out(const char* text) {
  static_cast<void>(::write(STDOUT_FILENO, text, std::string(text).size()));
}

TEST_F(Threads, AreAwaitedWhenTheirProcessEnds) {
  const std::string output = output_of(STDOUT_FILENO, [] {
    const auto go = std::make_shared<threads::Event>();
    threads::Process([go] {
      go->wait();
      threads::Process inner([] { write_out("inner "); });
      inner.start();
      inner.join();
      write_out("outer");
    }).start();
    at_exit([go] {
      write_out("handler ");
      go->set();
    });
  });
  EXPECT_EQ(output, "handler inner outer");
}

TEST_F(Threads, AreNotAwaitedIfTheyAreDaemons) {
  Process process([] {
    threads::Process daemon({.daemon = true}, [] { threads::Event().wait(); });
    daemon.start();
  });
  process.start();
  EXPECT_TRUE(process.join(std::chrono::seconds(60)));
  EXPECT_EQ(process.exitcode(), 0);
}

TEST_F(Threads, DoNotWaitForThemselvesWhenTheyEndTheProgram) {
  const int code = exitcode_of([] {
    threads::Process leaver([] { std::exit(7); });
    leaver.start();
    leaver.join();
  });
  EXPECT_EQ(code, 7);
}

TEST_F(Threads, AreNotInAForkedChild) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer ends a child of several threads that starts one";
#endif
  const threads::Event enough;
  threads::Process thread([enough] { enough.wait(); });
  thread.start();
  const std::string answer = in_child([&] {
    std::string text = threads::current_process().name();
    text += threads::active_children().empty() ? " has no children, " : " has children, ";
    try {
      thread.join();
    } catch (const ProcessError& error) {
      text += error.what();
    }
    threads::Process own([&text] { text += "; and makes its own"; });
    own.start();
    own.join();
    return text;
  });
  EXPECT_THAT(answer, HasSubstr("MainThread has no children, cannot join"));
  EXPECT_THAT(answer, HasSubstr("another process has made it; and makes its own"));
  enough.set();
  thread.join();
}

TEST_F(Threads, OfAChildThatAThreadForkedHaveItForTheFirst) {
  std::string answer;
  threads::Process thread([&answer] {
    answer = in_child([] {
      const bool has_parent = threads::parent_process().has_value();
      return threads::current_process().name() + (has_parent ? " has a parent" : " has none");
    });
  });
  thread.start();
  thread.join();
  EXPECT_EQ(answer, "MainThread has none");
}

}  // namespace
}  // namespace mp::test
