#include "client_lib/manager/origin.h"

#include "client_lib/manager/relay_lane.h"
#include "client_lib/manager/stream_lane.h"
#include "mp/internal/plain_bytes.h"

namespace mp::internal {
namespace {

std::shared_ptr<Endpoint> on_road(const Origin& origin) {
  using Owner = SocketEndpoint::Owner;
  switch (origin.road) {
    case Road::kSocket:
      return std::make_shared<SocketEndpoint>(SocketAddress::named(origin.socket), Owner::kAny);
    case Road::kSocketOfThisUser:
      return std::make_shared<SocketEndpoint>(SocketAddress::named(origin.socket),
                                              Owner::kThisUserOrRoot);
    case Road::kLoopback:
      return std::make_shared<LoopbackEndpoint>(origin.address, origin.socket, origin.tls);
    case Road::kRelay:
      return std::make_shared<RelayEndpoint>(origin.address, origin.tls);
    case Road::kStream:
      break;
  }
  return stream_endpoint(origin.address, origin.tls);
}

}  // namespace

std::string packed_origin(const Endpoint& endpoint) {
  Origin origin = endpoint.road();
  origin.manager = endpoint.manager;
  origin.title = endpoint.title;
  origin.token = endpoint.token;
  origin.may_come_back = endpoint.may_come_back;
  origin.lane = endpoint.lane;
  origin.spin = endpoint.spin;
  std::string bytes;
  write_plain(bytes, origin);
  return bytes;
}

std::shared_ptr<Endpoint> endpoint_at(std::string_view packed_origin) {
  const auto origin = read_plain<Origin>(packed_origin);
  std::shared_ptr<Endpoint> endpoint = on_road(origin);
  endpoint->manager = origin.manager;
  endpoint->title = origin.title;
  endpoint->token = origin.token;
  endpoint->may_come_back = origin.may_come_back;
  endpoint->lane = origin.lane;
  endpoint->spin = origin.spin;
  return endpoint;
}

}  // namespace mp::internal
