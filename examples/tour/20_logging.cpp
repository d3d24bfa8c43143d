// What processes log of themselves.

#include <mp/mp.h>
#include <unistd.h>

int main() {
  dup2(STDOUT_FILENO, STDERR_FILENO);  // the test of this program reads standard output only

  auto logger = mp::log_to_stderr();
  logger.set_level(mp::LogLevel::kInfo);
  logger.warning("doomed");

  mp::Manager manager;
}
