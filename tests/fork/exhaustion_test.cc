#include <sys/resource.h>

#include <string>

#include "client_lib/local/start/forkserver.h"
#include "tests/fork/sanitized.h"
#include "tests/fork/start_fixture.h"

// A start for which the system has no descriptors.

namespace mp::test {
namespace {

using Exhaustion = EveryMethod;
INSTANTIATE_TEST_SUITE_P(By, Exhaustion, testing::ValuesIn(get_all_start_methods()), name_of_param);

void set_limit(rlim_t descriptors) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = descriptors;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// What went wrong in a start with so many descriptors, or nothing.
std::string start_with(rlim_t descriptors, Process& child) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  set_limit(descriptors);
  std::string failure;
  try {
    child.start();
  } catch (const ProcessError& error) {
    failure = error.what();
  }
  set_limit(before.rlim_cur);
  return failure;
}

TEST_P(Exhaustion, AStartWithTooFewDescriptorsLeavesNothingAndCanBeRepeated) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs descriptors for its checks";
  const StartMethod method = GetParam();
  EXPECT_EQ(in_child([method] {
              int failures = 0;
              bool succeeded = false;
              for (rlim_t limit = 0; !succeeded; ++limit) {
                internal::stop_forkserver();
                Process child = get_context(method).process([] { mp::exit(7); });
                const auto before = open_descriptors();
                const std::string failure = start_with(limit, child);
                internal::stop_forkserver();
                succeeded = failure.empty();
                if (!succeeded) {
                  ++failures;
                  if (!failure.ends_with("Too many open files")) return failure;
                  if (open_descriptors() != before) return "leaked after: " + failure;
                  if (child.pid()) return "started all the same: " + failure;
                  child.start();
                }
                child.join();  // one that began with so few may fail itself
                if (!succeeded && child.exitcode() != 7) return std::string("wrong exit code");
              }
              return std::string(failures > 2 ? "done" : "never failed");
            }),
            "done");
}

}  // namespace
}  // namespace mp::test
