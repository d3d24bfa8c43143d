#include "server/option_texts.h"

#include <spdlog/spdlog.h>

#include "server/check.h"

namespace mp::server {
namespace {

bool both_or_none(const std::string& a, const std::string& b) { return a.empty() == b.empty(); }

std::string settle_relay(ManagerOptions& options) {
  ManagerTls& tls = options.relay_tls;
  if (!HostPort::parse(options.relay))
    return "--relay: '" + options.relay + "' is not HOST:PORT, such as db1:50051";
  if (options.socket == "none") return "a relay serves on a socket: --socket none leaves nothing";
  if (options.socket.empty()) options.socket = default_relay_path(options.relay);
  if (!both_or_none(tls.certificate, tls.key))
    return "--relay-cert and --relay-key belong together: give both, or none";
  tls.on = tls.on || !tls.authority.empty() || !tls.certificate.empty();
  return {};
}

mp::SpinPolicy spin_policy_named(const std::string& name) {
  if (name == "spin") return mp::SpinPolicy::kSpin;
  return name == "yield" ? mp::SpinPolicy::kYield : mp::SpinPolicy::kAuto;
}

DeadlockPolicy policy_named(const std::string& name) {
  if (name == "report") return DeadlockPolicy::kReport;
  return name == "off" ? DeadlockPolicy::kOff : DeadlockPolicy::kFail;
}

std::string read_token(ManagerOptions& options, const Texts& texts) {
  if (texts.token_file.empty()) return {};
  auto token = read_file(texts.token_file, "the token");
  if (!token.ok()) return "--token-file: " + std::string(token.status().message());
  options.token = token->substr(0, token->find_last_not_of(" \t\r\n") + 1);
  return options.token.empty() ? "--token-file: there is no token in " + texts.token_file : "";
}

std::string settle_manager(ManagerOptions& options, const Texts& texts) {
  if (texts.listen != "none") {
    options.listen = HostPort::parse(texts.listen);
    if (!options.listen)
      return "--listen: '" + texts.listen + "' is not HOST:PORT, such as 127.0.0.1:50051, or none";
  } else if (options.adopt_socket >= 0) {
    // It has where to serve.
  } else if (options.socket == "none") {
    return "--listen none and --socket none leave nothing to serve";
  } else if (options.socket.empty()) {
    return "--listen none needs --socket PATH: the default path is named after the port";
  }
  if (std::string wrong = read_token(options, texts); !wrong.empty()) return wrong;
  const bool guarded = !options.token.empty() && !options.tls.certificate.empty();
  if (options.listen && !options.insecure && !guarded && !is_loopback(options.listen->host)) {
    return "--listen " + texts.listen +
           " serves other machines: give --token-file, and --tls-cert with --tls-key; or, in a "
           "network where you trust everybody, --insecure";
  }
  return {};
}

}  // namespace

std::string settle(ManagerOptions& options, const Texts& texts) {
  options.limits.objects.max_depth = static_cast<std::uint32_t>(texts.max_depth);
  options.deadlocks = policy_named(texts.deadlocks);
  spdlog::set_level(spdlog::level::from_str(texts.log_level));
  if (texts.lane != "auto")
    options.rings.give = texts.lane == "socket" ? GiveRings::kToNobody : GiveRings::kToAll;
  options.rings.spin.policy = spin_policy_named(texts.spin_policy);
  if (options.rings.spin.budget > mp::internal::kLongestSpin)
    return "--lane-spin must be at most 10ms";
  if (options.limits.session_time_to_live <= Duration::zero())
    return "--session-time-to-live must be more than 0";
  if (options.limits.hello_timeout <= Duration::zero())
    return "--hello-timeout must be more than 0";
  if (options.limits.collection_period <= Duration::zero())
    return "--collection-period must be more than 0";
  if (!both_or_none(options.tls.certificate, options.tls.key)) {
    return "--tls-cert and --tls-key belong together: give both, or none";
  }
  if (!options.tls.client_ca.empty() && options.tls.certificate.empty()) {
    return "--tls-client-ca needs --tls-cert and --tls-key";
  }
  if (!options.check.empty()) return checks_a_socket(options) ? read_token(options, texts) : "";
  return options.relay.empty() ? settle_manager(options, texts) : settle_relay(options);
}

}  // namespace mp::server
