#include "mp/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "mp/errors.h"

namespace mp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Has a handler that keeps what it gets, and leaves the logger as it found it.
class Logging : public testing::Test {
 protected:
  Logging()
      : handler_(
            logger_.add_handler([this](const LogRecord& one) { got_.push_back(one.text()); })) {}
  ~Logging() override {
    logger_.remove_handler(handler_);
    stop_log_to_stderr();
    logger_.set_level(LogLevel::kNotSet);
  }

  const Logger logger_ = get_logger();
  std::vector<std::string> got_;
  std::uint64_t handler_;
};

TEST_F(Logging, ALineHasTheLevelAndTheNameOfTheProcess) {
  logger_.warning("doomed");
  EXPECT_THAT(got_, ElementsAre("[WARNING/MainProcess] doomed"));
}

TEST_F(Logging, EveryLevelHasItsName) {
  logger_.set_level(LogLevel::kSubDebug);
  logger_.sub_debug("1");
  logger_.debug("2");
  logger_.info("3");
  logger_.sub_warning("4");
  logger_.warning("5");
  logger_.error("6");
  logger_.critical("7");
  logger_.log(static_cast<LogLevel>(32), "8");
  EXPECT_THAT(got_, ElementsAre("[SUBDEBUG/MainProcess] 1", "[DEBUG/MainProcess] 2",
                                "[INFO/MainProcess] 3", "[SUBWARNING/MainProcess] 4",
                                "[WARNING/MainProcess] 5", "[ERROR/MainProcess] 6",
                                "[CRITICAL/MainProcess] 7", "[Level 32/MainProcess] 8"));
}

TEST_F(Logging, WhatIsBelowTheLevelIsNotWritten) {
  logger_.set_level(LogLevel::kSubWarning);
  logger_.debug("this will not be printed");
  logger_.info("nor will this");
  logger_.sub_warning("but this");
  EXPECT_THAT(got_, ElementsAre("[SUBWARNING/MainProcess] but this"));
}

TEST_F(Logging, ALevelThatIsNotSetIsWarning) {
  EXPECT_EQ(logger_.level(), LogLevel::kNotSet);
  EXPECT_EQ(logger_.get_effective_level(), LogLevel::kWarning);
  logger_.info("not this");
  EXPECT_THAT(got_, IsEmpty());
}

TEST_F(Logging, AllLoggersAreOne) {
  get_logger().set_level(static_cast<LogLevel>(37));
  EXPECT_EQ(logger_.get_effective_level(), static_cast<LogLevel>(37));
}

TEST_F(Logging, ACallableIsCalledOnlyIfSomebodyGetsItsText) {
  int calls = 0;
  const auto text = [&] { return "call " + std::to_string(++calls); };
  logger_.info(text);
  EXPECT_EQ(calls, 0);
  logger_.error(text);
  EXPECT_THAT(got_, ElementsAre("[ERROR/MainProcess] call 1"));
}

TEST_F(Logging, WithoutAHandlerNothingIsEnabled) {
  EXPECT_TRUE(Logger::is_enabled_for(LogLevel::kCritical));
  logger_.remove_handler(handler_);
  EXPECT_FALSE(Logger::is_enabled_for(LogLevel::kCritical));
}

TEST_F(Logging, AHandlerThatWasRemovedIsNotCalled) {
  EXPECT_TRUE(logger_.remove_handler(handler_));
  EXPECT_FALSE(logger_.remove_handler(handler_));
  log_to_stderr(LogLevel::kCritical);
  logger_.error("nobody hears this");
  EXPECT_THAT(got_, IsEmpty());
}

TEST_F(Logging, AHandlerMustBeCallable) { EXPECT_THROW(logger_.add_handler({}), ValueError); }

TEST_F(Logging, AHandlerThatThrowsIsReportedAndTheOthersRun) {
  const auto failing = logger_.add_handler([](const LogRecord&) { throw ValueError("no"); });
  const auto last =
      logger_.add_handler([this](const LogRecord&) { got_.emplace_back("the last one"); });
  testing::internal::CaptureStderr();
  logger_.error("text");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "Process MainProcess: mp::ValueError: no\n");
  EXPECT_THAT(got_, ElementsAre("[ERROR/MainProcess] text", "the last one"));
  logger_.remove_handler(failing);
  logger_.remove_handler(last);
}

TEST_F(Logging, AHandlerMayChangeTheLogger) {
  std::uint64_t once = 0;
  once = logger_.add_handler([&](const LogRecord&) {
    logger_.remove_handler(once);
    logger_.set_level(LogLevel::kCritical);
  });
  logger_.error("first");
  logger_.error("second");
  EXPECT_THAT(got_, ElementsAre("[ERROR/MainProcess] first"));
}

TEST_F(Logging, StandardErrorGetsWholeLines) {
  testing::internal::CaptureStderr();
  const Logger logger = log_to_stderr(LogLevel::kInfo);
  logger.info("one");
  logger.info(std::string("two"));
  logger.debug("three");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "[INFO/MainProcess] one\n[INFO/MainProcess] two\n");
}

TEST_F(Logging, StandardErrorGetsEveryLineOnceHoweverOftenItIsTurnedOn) {
  testing::internal::CaptureStderr();
  log_to_stderr();
  log_to_stderr();
  logger_.error("once");
  stop_log_to_stderr();
  stop_log_to_stderr();
  logger_.error("never");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "[ERROR/MainProcess] once\n");
}

}  // namespace
}  // namespace mp
