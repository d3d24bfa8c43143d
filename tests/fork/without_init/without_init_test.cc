#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mp/context.h"

// A program whose main() does not call mp::init().

namespace mp::test {
namespace {

TEST(WithoutInit, SpawnAndForkserverSayWhatIsMissing) {
  for (const StartMethod method : {StartMethod::kSpawn, StartMethod::kForkserver}) {
    Process process = get_context(method).process({.name = "p"}, [] {});
    EXPECT_THAT([&] { process.start(); },
                testing::ThrowsMessage<ProcessError>(
                    testing::AllOf(testing::HasSubstr("cannot start process 'p': by " +
                                                      std::string(name_of(method)) + ": main()"),
                                   testing::HasSubstr("mp::init(argc, argv)"))));
    EXPECT_EQ(process.pid(), std::nullopt);
  }
}

TEST(WithoutInit, ForkNeedsNone) {
  Process process([] { mp::exit(3); });
  process.start();
  process.join();
  EXPECT_EQ(process.exitcode(), 3);
}

}  // namespace
}  // namespace mp::test
