#pragma once

#include <string>

#include "tests/fork/start_fixture.h"
#include "tests/unit/local/named_memory_fixture.h"

namespace mp::test {

// For tests of one name, which their children know, too.
class NamedMemoryProcesses : private NamesAreGone, public ProcessTest {
 protected:
  const std::string name = own_name("memory");
};

}  // namespace mp::test
