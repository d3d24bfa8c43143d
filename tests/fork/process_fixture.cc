#include "tests/fork/process_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "client_lib/local/start/forkserver.h"
#include "mp/process.h"

namespace mp::test {
namespace {

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace

Pipe::Pipe() {
  if (::pipe2(ends_, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
}

Pipe::~Pipe() {
  close(0);
  close(1);
}

void Pipe::close(int end) {
  if (ends_[end] >= 0) ::close(std::exchange(ends_[end], -1));
}

void Pipe::write(std::string_view text) const {
  if (::write(write_end(), text.data(), text.size()) < 0) throw std::runtime_error("write failed");
}

bool Pipe::wait_for_byte() const {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = ::read(read_end(), &byte, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1;
}

std::string Pipe::read_all() {
  close_write_end();
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while ((got = ::read(read_end(), buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string Pipe::read_available() const {
  std::string text;
  pollfd entry{.fd = read_end(), .events = POLLIN, .revents = 0};
  char byte = 0;
  while (::poll(&entry, 1, 0) == 1 && ::read(read_end(), &byte, 1) == 1) text += byte;
  return text;
}

std::multiset<std::string> open_descriptors() {
  std::multiset<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the one that lists
    const auto target = std::filesystem::read_symlink(entry, gone);
    if (target.string().ends_with("/fd")) continue;
    // A segment of shared memory may give way to a new one.
    const bool is_memory = target.string().starts_with("/memfd:");
    const std::string number = is_memory ? "" : entry.path().filename().string() + " ";
    if (!gone) found.insert(number + target.string());
  }
  return found;
}

std::multiset<std::string> mappings_of_memory() {
  std::multiset<std::string> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const auto name = std::min(line.find("/memfd:"), line.find("/dev/shm/"));
    if (name != std::string::npos) found.insert(line.substr(name));
  }
  return found;
}

namespace {

// But for the memory that the process keeps for its next small object.
std::multiset<std::string> without_kept_memory(std::multiset<std::string> files) {
  const auto kept = files.find("/memfd:mp (deleted)");
  if (kept != files.end()) files.erase(kept);
  return files;
}

}  // namespace

ProcessTest::ProcessTest()
    : descriptors_before_(open_descriptors()), mappings_before_(mappings_of_memory()) {}

ProcessTest::~ProcessTest() {
  internal::stop_forkserver();
  EXPECT_THAT(active_children(), testing::IsEmpty());
  EXPECT_FALSE(has_children()) << "a child, perhaps a zombie, is left";
  EXPECT_EQ(without_kept_memory(open_descriptors()), without_kept_memory(descriptors_before_));
  EXPECT_EQ(without_kept_memory(mappings_of_memory()), without_kept_memory(mappings_before_));
}

std::string in_child(const std::function<std::string()>& body) {
  Pipe answer;
  Process process([&] { answer.write(body()); });
  process.start();
  std::string text = answer.read_all();
  process.join();
  EXPECT_EQ(process.exitcode(), 0);
  return text;
}

int exitcode_of(const std::function<void()>& body) {
  Process process(body);
  process.start();
  process.join();
  return process.exitcode().value();
}

std::string output_of(int descriptor, const std::function<void()>& body) {
  Pipe output;
  Process process([&] {
    ::dup2(output.write_end(), descriptor);
    output.close_write_end();
    body();
  });
  process.start();
  std::string text = output.read_all();
  process.join();
  return text;
}

}  // namespace mp::test
