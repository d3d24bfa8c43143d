#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "client_lib/local/os/control_groups.h"
#include "mp/current_process.h"
#include "mp/errors.h"
#include "mp/local/array.h"
#include "mp/local/queue.h"
#include "tests/fork/process_fixture.h"

// Limits that the kernel enforces on a real control group, as a container has them.

namespace mp::test {
namespace {

namespace fs = std::filesystem;
using internal::ControlGroup;
using testing::EndsWith;
using testing::HasSubstr;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

// A group below that of this process, for its children. Throws where the machine allows none.
class Group {
 public:
  explicit Group(std::string_view controller) {
    const auto groups = internal::control_groups(controller, "/");
    if (groups.empty()) throw std::runtime_error("no group has the controller");
    version_ = groups.front().version;
    folder_ = groups.front().folder / ("mp-test-" + std::to_string(::getpid()));
    fs::create_directory(folder_);
  }
  ~Group() {
    std::error_code not_empty;
    fs::remove(folder_, not_empty);
    EXPECT_FALSE(not_empty) << folder_ << ": " << not_empty.message();
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  void set(const char* file_v1, const char* file_v2, const std::string& value) const {
    write(version_ == ControlGroup::Version::kV1 ? file_v1 : file_v2, value);
  }
  // The calling process belongs to it from now on.
  void join() const { write("cgroup.procs", "0"); }

 private:
  void write(const std::string& file, const std::string& value) const {
    std::ofstream out(folder_ / file);
    out << value << std::flush;
    if (!out) throw std::system_error(errno, std::generic_category(), folder_ / file);
  }

  ControlGroup::Version version_;
  fs::path folder_;
};

class InAControlGroup : public ProcessTest {
 protected:
  // What `body` returns in a child that belongs to a group with this limit.
  std::string within_memory(std::size_t limit, const std::function<std::string()>& body) {
    return within("memory", "memory.limit_in_bytes", "memory.max", std::to_string(limit), body);
  }
  std::string within_cpu(const std::function<std::string()>& body) {
    return within("cpu", "cpu.cfs_quota_us", "cpu.max", "100000", body);
  }

 private:
  static std::string within(const char* controller, const char* file_v1, const char* file_v2,
                            const std::string& value, const std::function<std::string()>& body) {
    std::unique_ptr<Group> group;
    try {
      group = std::make_unique<Group>(controller);
      group->set(file_v1, file_v2, value);
    } catch (const std::exception& error) {
      return std::string("no group: ") + error.what();
    }
    return in_child([&] {
      group->join();
      return body();
    });
  }
};

#define MP_SKIP_WITHOUT_GROUP(answer) \
  if ((answer).starts_with("no group: ")) GTEST_SKIP() << (answer)

std::string make_array(std::size_t size) {
  try {
    const Array<char> a(size, no_lock);
    a[-1] = 1;
    return "made";
  } catch (const MemoryError& error) {
    return error.what();
  }
}

TEST_F(InAControlGroup, WhatItsMemoryCannotHoldIsAnErrorAndKillsNobody) {
  const std::string answer =
      within_memory(128 * kMebibyte, [] { return make_array(256 * kMebibyte); });
  MP_SKIP_WITHOUT_GROUP(answer);
  EXPECT_THAT(answer, HasSubstr("a control group, has "));
}

TEST_F(InAControlGroup, WhatItsMemoryCanHoldIsMade) {
  const std::string answer =
      within_memory(256 * kMebibyte, [] { return make_array(64 * kMebibyte); });
  MP_SKIP_WITHOUT_GROUP(answer);
  EXPECT_EQ(answer, "made");
}

TEST_F(InAControlGroup, AQueueThatIsFilledBeyondItsMemoryFailsInThePutAndKeepsItsItems) {
  const std::string answer = within_memory(128 * kMebibyte, []() -> std::string {
    const Queue<std::string> q;
    auto room_to_get_them = std::make_unique<std::string>(16 * kMebibyte, 'x');
    int put = 0;
    try {
      for (; put < 100; ++put) q.put(std::string(8 * kMebibyte, 'x'));
      return "all of it";
    } catch (const MemoryError&) {
      room_to_get_them.reset();
    }
    for (int i = 0; i < put; ++i) {
      if (q.get_nowait().size() != 8 * kMebibyte) return "a broken item";
    }
    return std::to_string(put) + (q.empty() ? " items, then an error" : " items, and more");
  });
  MP_SKIP_WITHOUT_GROUP(answer);
  EXPECT_THAT(answer, EndsWith(" items, then an error"));
}

TEST_F(InAControlGroup, ItsQuotaIsTheNumberOfProcessors) {
  const std::string answer = within_cpu([] { return std::to_string(cpu_count()); });
  MP_SKIP_WITHOUT_GROUP(answer);
  EXPECT_EQ(answer, "1");
}

}  // namespace
}  // namespace mp::test
