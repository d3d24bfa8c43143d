#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mp/manager.h"

namespace mp::internal {

class Endpoint;

// The kinds of endpoint.
enum class Road : std::uint8_t { kSocket, kSocketOfThisUser, kLoopback, kRelay, kStream };

// What another process of this host needs to come to the same manager in the same way, its token
// included.
//
// A plain struct: its Codec is made of its fields.
struct Origin {
  Road road = Road::kSocket;
  std::string socket = {};   // of kSocket…, kLoopback: SocketAddress::name()
  std::string address = {};  // of the others, and kLoopback: HOST:PORT
  TlsOptions tls = {};

  // Of Endpoint.
  std::string manager = {};
  std::string title = {};
  std::string token = {};
  bool may_come_back = true;
  Lane lane = Lane::kLocal;
  LaneSpin spin = {};
};

// As bytes, which are the same if and only if the endpoints are alike.
std::string packed_origin(const Endpoint& endpoint);
// Errors: those of the endpoint's constructor.
std::shared_ptr<Endpoint> endpoint_at(std::string_view packed_origin);

}  // namespace mp::internal
