// mp over the local lane, of a manager or of a relay: --address unix:PATH. It links no gRPC.

#include "bench/manager_peer.h"

int main(int argc, char** argv) {
  return mp::bench::run_client(argc, argv, [](const mp::bench::Arguments& arguments) {
    return std::make_unique<mp::bench::ManagerPeer>(
        mp::Manager::connect(arguments.text("address")));
  });
}
