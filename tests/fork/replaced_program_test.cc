#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "mp/internal/code_address.h"
#include "tests/fork/start_fixture.h"

// Children begin as the program that runs, not as the one that lies at its place by now.

namespace mp::test {
namespace {

class ReplacedProgram : public ProcessTest {};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "mp-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

int status_of(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& part : command) arguments.push_back(part.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  if (::posix_spawn(&pid, command[0].c_str(), nullptr, nullptr, arguments.data(), environ) != 0)
    return -1;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

TEST_F(ReplacedProgram, StartsItsChildrenAllTheSame) {
  const TemporaryFolder folder;
  const std::string copy = folder.path() / "program";
  std::filesystem::copy_file("/proc/self/exe", copy);
  EXPECT_EQ(status_of({copy, "--gtest_also_run_disabled_tests", "--gtest_brief=1",
                       "--gtest_filter=ReplacedProgram.DISABLED_InACopyOfTheProgram"}),
            0);
}

TEST_F(ReplacedProgram, DISABLED_InACopyOfTheProgram) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  ASSERT_EQ(program.filename(), "program");
  const auto other = program.parent_path() / "other";
  std::filesystem::copy_file("/bin/false", other);
  std::filesystem::rename(other, program);
  for (const StartMethod method : {StartMethod::kSpawn, StartMethod::kForkserver}) {
    Process child = get_context(method).process([](int code) { mp::exit(code); }, 5);
    child.start();
    child.join();
    EXPECT_EQ(child.exitcode(), 5);
  }
}

int some_function() { return 3; }

TEST_F(ReplacedProgram, AFunctionIsKnownByItsBuildAndPlace) {
  const std::string encoded = internal::encode_function(&some_function);
  EXPECT_THAT(encoded, testing::MatchesRegex("[0-9a-f]+\\+[0-9a-f]+"));
  EXPECT_EQ(internal::decode_function<int()>(encoded), &some_function);
}

TEST_F(ReplacedProgram, AFunctionOfALibraryIsKnownToo) {
  const std::string encoded = internal::encode_function(&::getpid);
  EXPECT_EQ(internal::decode_function<pid_t()>(encoded)(), ::getpid());
}

TEST_F(ReplacedProgram, AFunctionOfAnotherBuildIsRefused) {
  std::string encoded = internal::encode_function(&some_function);
  encoded[0] = encoded[0] == '0' ? '1' : '0';
  EXPECT_THAT(
      [&] { internal::decode_code(encoded); },
      testing::ThrowsMessage<ProcessError>(testing::HasSubstr("has not loaded in that build")));
  EXPECT_THROW(internal::decode_code("12"), ProcessError);
  EXPECT_THROW(internal::decode_code("12+xyz"), ProcessError);
}

TEST_F(ReplacedProgram, WhatIsNoCodeIsRefused) {
  const int local = 0;
  EXPECT_THROW(internal::encode_code(&local), ProcessError);
}

}  // namespace
}  // namespace mp::test
