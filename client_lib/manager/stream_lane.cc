#include "client_lib/manager/stream_lane.h"

#include "mp/errors.h"

namespace mp::internal {
namespace {
MakeStreamEndpoint make_endpoint = nullptr;
}

void register_stream_lane(MakeStreamEndpoint make) { make_endpoint = make; }

std::shared_ptr<Endpoint> stream_endpoint(const std::string& address, const TlsOptions& tls) {
  if (make_endpoint != nullptr) return make_endpoint(address, tls);
  throw ManagerUnavailable("connect: this program is linked without gRPC; link mp::mp, or leave " +
                           std::string("the lane to the default (manager ") + address + ")");
}

}  // namespace mp::internal
