#include "server/background.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace mp::server {
namespace {

[[noreturn]] void fail(const char* what) {
  perror(what);
  std::_Exit(1);
}

[[noreturn]] void wait_for(pid_t child, int report) {
  char byte = 0;
  ssize_t size = 0;
  do {
    size = read(report, &byte, 1);
  } while (size < 0 && errno == EINTR);
  if (size == 1) _exit(0);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  _exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
}

}  // namespace

Background::Background() {
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) fail("mp-manager: pipe");
  const pid_t child = fork();
  if (child < 0) fail("mp-manager: fork");
  if (child > 0) {
    close(report[1]);
    wait_for(child, report[0]);
  }
  close(report[0]);
  report_ = report[1];
  setsid();
}

void Background::serves(const std::string& log) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  dup2(file < 0 ? null : file, STDERR_FILENO);
  const char byte = 'k';
  if (write(report_, &byte, 1) != 1) perror("mp-manager: nobody waits to hear that this serves");
  close(report_);
  if (file >= 0) close(file);
  if (null >= 0) close(null);
}

}  // namespace mp::server
