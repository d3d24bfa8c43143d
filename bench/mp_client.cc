// mp over the local lane, of a manager or of a relay: --address unix:PATH. It links no gRPC.
// --address socket:unix:PATH keeps it from shared memory, asleep:unix:PATH from waiting awake.

#include <chrono>
#include <string_view>

#include "bench/manager_peer.h"

int main(int argc, char** argv) {
  return mp::bench::run_client(argc, argv, [](const mp::bench::Arguments& arguments) {
    constexpr std::string_view kSocket = "socket:";
    constexpr std::string_view kAsleep = "asleep:";
    std::string_view address = arguments.text("address");
    mp::ConnectOptions options;
    if (address.starts_with(kSocket)) {
      address.remove_prefix(kSocket.size());
      options.lane = mp::Lane::kSocket;
    } else if (address.starts_with(kAsleep)) {
      address.remove_prefix(kAsleep.size());
      options.spin.budget = std::chrono::nanoseconds::zero();
    }
    return std::make_unique<mp::bench::ManagerPeer>(mp::Manager::connect(address, options));
  });
}
