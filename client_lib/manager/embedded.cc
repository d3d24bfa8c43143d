#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "client_lib/manager/manager_process.h"
#include "server/engine/dispatcher.h"
#include "server/engine/engine.h"
#include "server/lanes/engine_service.h"
#include "server/lanes/local_lane.h"

// The embedded manager: the one place where the client library reaches the server.

namespace mp::internal {
namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void serve(int listening_socket, int parent_pidfd) {
  raise_descriptor_limit();
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigprocmask(SIG_BLOCK, &ending,
              nullptr);  // inherited by the lane's threads, which are not to be interrupted
  const int signals = signalfd(-1, &ending, SFD_CLOEXEC);

  const server::SteadyClock clock;
  server::Engine engine({}, clock);
  server::Dispatcher dispatcher(engine);
  server::EngineService service(engine, dispatcher, {});
  server::LocalLane lane(service, server::UnixListener::adopt(listening_socket), {});
  lane.start();

  std::array<pollfd, 2> ends = {{{.fd = parent_pidfd, .events = POLLIN, .revents = 0},
                                 {.fd = signals, .events = POLLIN, .revents = 0}}};
  while (poll(ends.data(), ends.size(), -1) <= 0) {
  }
  engine.shut_down();  // everybody who waits is answered
  lane.stop();
  _exit(0);  // nothing of the parent's static objects may run here
}

[[maybe_unused]] const bool kRegistered = [] {
  register_embedded_server(&serve);
  return true;
}();

}  // namespace
}  // namespace mp::internal
