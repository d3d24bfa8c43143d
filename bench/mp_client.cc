// mp over the local lane, of a manager or of a relay: --address unix:PATH. It links no gRPC.
// --address socket:unix:PATH keeps it from shared memory.

#include <string_view>

#include "bench/manager_peer.h"

int main(int argc, char** argv) {
  return mp::bench::run_client(argc, argv, [](const mp::bench::Arguments& arguments) {
    constexpr std::string_view kSocket = "socket:";
    std::string_view address = arguments.text("address");
    const bool by_socket = address.starts_with(kSocket);
    if (by_socket) address.remove_prefix(kSocket.size());
    return std::make_unique<mp::bench::ManagerPeer>(
        mp::Manager::connect(address, {.lane = by_socket ? mp::Lane::kSocket : mp::Lane::kLocal}));
  });
}
