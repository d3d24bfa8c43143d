#include "tests/fork/start_fixture.h"

#include <fcntl.h>

namespace mp::test {

int arrived_descriptor(std::size_t index) {
  const int fd = internal::IncomingDescriptors::current("a pipe").at(index);
  return ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

std::string name_of_param(const testing::TestParamInfo<StartMethod>& info) {
  return std::string(name_of(info.param));
}

}  // namespace mp::test
