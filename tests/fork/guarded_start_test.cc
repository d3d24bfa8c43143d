#include <unistd.h>

#include "tests/fork/start_fixture.h"

namespace mp::test {
namespace {

using GuardedDaemon = EveryMethod;
INSTANTIATE_TEST_SUITE_P(By, GuardedDaemon, testing::ValuesIn(get_all_start_methods()),
                         name_of_param);

void stay(const SharedPipe& held) {
  held->write(".");
  ::pause();
}

TEST_P(GuardedDaemon, EndsWhenItsParentIsKilled) {
  const SharedPipe held;
  Process parent([&held, method = GetParam()] {
    get_context(method).process({.daemon = true}, stay, held).start();
    ::pause();
  });
  parent.start();
  held->wait_for_byte();
  parent.kill();
  parent.join();
  EXPECT_EQ(held->read_all(), "") << "the end of file comes when no process holds the pipe";
}

}  // namespace
}  // namespace mp::test
