#include "mp/start_method.h"

#include <sstream>
#include <type_traits>

#include "mp/context.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class StartMethods : public ProcessTest {};

void nothing() {}

TEST_F(StartMethods, AreForkSpawnAndForkserver) {
  EXPECT_THAT(get_all_start_methods(), testing::ElementsAre(StartMethod::kFork, StartMethod::kSpawn,
                                                            StartMethod::kForkserver));
  for (const StartMethod method : get_all_start_methods()) {
    EXPECT_EQ(start_method_named(name_of(method)), method);
    std::ostringstream out;
    out << method;
    EXPECT_EQ(out.str(), name_of(method));
  }
}

TEST_F(StartMethods, AnUnknownNameIsAnError) {
  EXPECT_THAT([] { set_start_method("thread"); },
              ThrowsMessage<ValueError>("there is no start method 'thread': it is fork, spawn or "
                                        "forkserver"));
  EXPECT_THROW(get_context(""), ValueError);
}

TEST_F(StartMethods, CanBeSetOnceUnlessForced) {
  EXPECT_EQ(in_child([] {
              set_start_method("fork", Force::kYes);
              std::string text;
              try {
                set_start_method("spawn");
              } catch (const ProcessError& error) {
                text = error.what();
              }
              set_start_method("forkserver", Force::kYes);
              return text + "; " + std::string(name_of(get_start_method()));
            }),
            "cannot set the start method to spawn: it was set, or used, as fork; forkserver");
}

TEST_F(StartMethods, AStartThatNamesNoneSettlesIt) {
  EXPECT_EQ(exitcode_of([] { set_start_method("spawn"); }), 1) << "exitcode_of() named none";
}

TEST_F(StartMethods, AContextHasAMethodOfItsOwn) {
  EXPECT_EQ(get_context("spawn").get_start_method(), StartMethod::kSpawn);
  EXPECT_EQ(get_context(StartMethod::kForkserver).get_start_method(), StartMethod::kForkserver);
  EXPECT_EQ(get_context<StartMethod::kSpawn>().get_start_method(), StartMethod::kSpawn);
  EXPECT_EQ(get_context().get_start_method(), get_start_method());
}

TEST_F(StartMethods, AContextThatTheCompilerKnowsMakesProcessesToo) {
  Process child = get_context<StartMethod::kSpawn>().process({.name = "child"}, nothing);
  EXPECT_EQ(child.name(), "child");
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
}

TEST_F(StartMethods, AreAnOptionOfAProcessToo) {
  Process child({.start_method = StartMethod::kSpawn}, nothing);
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
}

TEST_F(StartMethods, AProcessThatIsToldNothingDoesNothing) {
  for (const StartMethod method : get_all_start_methods()) {
    Process child({.start_method = method});
    child.start();
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
  }
}

TEST_F(StartMethods, TheProgramsOwnMarksAreNoArgumentsOfAUser) {
  std::string program = "program";
  std::string mark = "--mp-child";
  char* arguments[] = {program.data(), mark.data(), nullptr};
  EXPECT_EQ(in_child([&] {
              try {
                mp::init(2, arguments);
              } catch (const ProcessError& error) {
                return std::string(error.what());
              }
              return std::string();
            }),
            "the argument --mp-child is the library's own: it is of no use to start a program "
            "with it");
}

}  // namespace
}  // namespace mp::test
