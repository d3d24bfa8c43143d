// mp over a session stream of its own: --address HOST:PORT.

#include "bench/manager_peer.h"

int main(int argc, char** argv) {
  return mp::bench::run_client(argc, argv, [](const mp::bench::Arguments& arguments) {
    return std::make_unique<mp::bench::ManagerPeer>(
        mp::Manager::connect(arguments.text("address"), {.lane = mp::Lane::kInProcess}));
  });
}
