#include <unistd.h>

#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include "mp/sendable_process.h"
#include "tests/fork/start_fixture.h"

namespace mp::test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class Subclass : public ProcessTest {};

class Worker : public Process {
 public:
  explicit Worker(const Pipe* out, ProcessOptions options = {})
      : Process(std::move(options)), out_(out) {}

  void set_text(std::string text) { text_ = std::move(text); }

 private:
  void run() override {
    out_->write(text_ + ' ' + name() + (is_alive() && pid() == ::getpid() ? " itself" : ""));
  }

  const Pipe* out_;
  std::string text_ = "text";
};

TEST_F(Subclass, RunsInPlaceOfACallable) {
  Pipe answer;
  Worker worker(&answer, {.name = "worker"});
  worker.set_text("changed");
  worker.start();
  EXPECT_EQ(answer.read_all(), "changed worker itself");
  worker.join();
  EXPECT_EQ(worker.exitcode(), 0);
}

TEST_F(Subclass, IsMovedAsItself) {
  Pipe answer;
  std::vector<Worker> workers;
  workers.emplace_back(&answer, ProcessOptions{.name = "first"});
  workers.emplace_back(&answer, ProcessOptions{.name = "second"});
  for (Worker& worker : workers) {
    worker.start();
    worker.join();
  }
  EXPECT_EQ(answer.read_all(), "text first itselftext second itself");
}

TEST_F(Subclass, IsNeverSlicedIntoAMereProcess) {
  EXPECT_FALSE((std::constructible_from<Process, Worker>));
  EXPECT_FALSE((std::constructible_from<Process, Worker&>));
  EXPECT_FALSE((std::assignable_from<Process&, Worker>));
  EXPECT_TRUE((std::movable<Worker>));
}

TEST_F(Subclass, MayCallTheBasesRun) {
  class Framed : public Process {
   public:
    using Process::Process;
    void run() override {
      Process::run();
      mp::exit(4);
    }
  };
  Pipe answer;
  Framed framed([&] { answer.write("callable"); });
  framed.start();
  EXPECT_EQ(answer.read_all(), "callable");
  framed.join();
  EXPECT_EQ(framed.exitcode(), 4);
}

TEST_F(Subclass, CannotBeSentUnlessItSaysHow) {
  Pipe answer;
  Worker worker(&answer, {.name = "w", .start_method = StartMethod::kSpawn});
  EXPECT_THAT([&] { worker.start(); },
              ThrowsMessage<TypeError>(testing::AllOf(
                  HasSubstr("cannot start process 'w': by spawn"),
                  HasSubstr("Worker can't be sent"), HasSubstr("mp::SendableProcess"))));
  EXPECT_FALSE(worker.is_alive());
}

}  // namespace

class Greeter : public SendableProcess<Greeter> {
 public:
  using SendableProcess::SendableProcess;

  SharedPipe answer;
  std::string greeting = "hello";

  void run() override {
    Process inner([] {});
    answer->write(greeting + ' ' + name() + (is_alive() && pid() == ::getpid() ? " itself " : " ") +
                  inner.name());
  }
};
MP_RECORD(Greeter, answer, greeting)

namespace {

using SendableSubclass = EveryMethod;
INSTANTIATE_TEST_SUITE_P(By, SendableSubclass, testing::ValuesIn(get_all_start_methods()),
                         name_of_param);

TEST_P(SendableSubclass, RunsInAChildOfAnyKind) {
  Greeter greeter({.name = "greeter", .start_method = GetParam()});
  greeter.greeting = "good morning";
  greeter.start();
  EXPECT_THAT(greeter.answer->read_all(),
              testing::MatchesRegex("good morning greeter itself Process-[0-9]+:1"));
  greeter.join();
  EXPECT_EQ(greeter.exitcode(), 0);
}

}  // namespace
}  // namespace mp::test
