#pragma once

#include <string>

#include "client_lib/manager/socket_lane.h"
#include "mp/manager.h"

namespace mp::internal {

// A manager on another machine: its relay on this node, which is started if it does not run.
class RelayEndpoint final : public SocketEndpoint {
 public:
  // `address` is HOST:PORT.
  RelayEndpoint(const std::string& address, const TlsOptions& tls);
  std::shared_ptr<LaneConnection> connect(std::string& why) override;
  Origin road() const override;

 private:
  const std::string address_;
  const TlsOptions tls_;
  const std::string path_;
};

// A manager on a port of this host: its own socket, or a relay if it has none here, as where it
// runs in a container whose port is published.
class LoopbackEndpoint final : public SocketEndpoint {
 public:
  LoopbackEndpoint(const std::string& address, const std::string& socket, const TlsOptions& tls);
  std::shared_ptr<LaneConnection> connect(std::string& why) override;
  Origin road() const override;

 private:
  const std::string address_;
  RelayEndpoint relay_;
};

// Paths that mean the same in another folder: relays run in one, and are shared with programs that
// do.
TlsOptions absolute(TlsOptions tls);

// $XDG_RUNTIME_DIR/mp, or without that variable /tmp/mp-UID: where sockets are found.
std::string runtime_folder();

}  // namespace mp::internal
