#include "client_lib/manager/relay_lane.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "client_lib/manager/origin.h"
#include "client_lib/manager/spawn.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

// A relay that nobody uses any more ends after so long.
constexpr char kExitWhenIdle[] = "60s";

// Relays that differ in how they know their manager are different relays.
std::string relay_path(const std::string& address, const TlsOptions& tls) {
  std::string path = runtime_folder() + "/relay-" + address;
  if (tls.on()) {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a: the same in every program
    for (const std::string& part : {tls.ca, tls.certificate, tls.key}) {
      for (const char c : part + '\n')
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    path += "-tls-" + std::to_string(hash % 1'000'000'000);
  }
  return path + ".sock";
}

std::vector<std::string> relay_command(const std::string& address, const std::string& path,
                                       const TlsOptions& tls) {
  std::vector<std::string> command = {
      manager_program(), "--relay",          address,       "--socket",    path,
      "--background",    "--exit-when-idle", kExitWhenIdle, "--log-level", "warn"};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) command.insert(command.end(), {flag, value});
  };
  if (tls.on()) command.emplace_back("--relay-tls");
  add("--relay-ca", tls.ca);
  add("--relay-cert", tls.certificate);
  add("--relay-key", tls.key);
  return command;
}

// What was written to a pipe so far. Its end may never come: a process that was forked meanwhile
// may hold the other side.
std::string read_available(int fd) {
  fcntl(fd, F_SETFL, O_NONBLOCK);
  std::string text;
  std::array<char, 1024> block{};
  for (;;) {
    const ssize_t size = read(fd, block.data(), block.size());
    if (size > 0) text.append(block.data(), static_cast<std::size_t>(size));
    if (size == 0 || (size < 0 && errno != EINTR)) return text;
  }
}

// Runs a command that goes to the background once it serves. What it says on standard error comes
// back if it fails, and else nothing.
std::string run(const std::vector<std::string>& command) {
  std::array<int, 2> errors{};
  if (pipe2(errors.data(), O_CLOEXEC) != 0) return std::strerror(errno);
  pid_t pid = 0;
  const int error = spawn(command, {{errors[1], STDERR_FILENO}}, pid);
  close(errors[1]);
  int status = 0;
  pid_t waited = 0;
  while (error == 0 && (waited = waitpid(pid, &status, 0)) < 0 && errno == EINTR) {
  }
  std::string said = read_available(errors[0]);
  close(errors[0]);
  if (error != 0) {
    return command.front() + ": " + std::strerror(error) +
           "; install mp-manager, or say where it is with MP_MANAGER_PROGRAM";
  }
  // Where somebody else has waited for it, connecting tells how it went.
  if (waited < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return {};
  return said.empty() ? command.front() + " ended"
                      : said.substr(0, said.find_last_not_of('\n') + 1);
}

// Does anybody listen on this TCP port of this host?
bool listens(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found) != 0)
    return false;
  bool connected = false;
  for (const addrinfo* at = found; at != nullptr && !connected; at = at->ai_next) {
    const int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connected = fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) == 0;
    if (fd >= 0) close(fd);
  }
  freeaddrinfo(found);
  return connected;
}

bool nobody_there(int error) { return error == ENOENT || error == ECONNREFUSED; }

}  // namespace

TlsOptions absolute(TlsOptions tls) {
  for (std::string* path : {&tls.ca, &tls.certificate, &tls.key}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path);
  }
  return tls;
}

std::string runtime_folder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime != nullptr && *runtime == '/' ? std::string(runtime) + "/mp"
                                               : "/tmp/mp-" + std::to_string(geteuid());
}

RelayEndpoint::RelayEndpoint(const std::string& address, const TlsOptions& tls)
    : SocketEndpoint(SocketAddress::at_path(relay_path(address, absolute(tls))),
                     Owner::kThisUserOrRoot),
      address_(address),
      tls_(absolute(tls)),
      path_(relay_path(address, tls_)) {
  manager = address;
  title = "manager " + address + ", through the relay at " + path_;
}

std::shared_ptr<LaneConnection> RelayEndpoint::connect(std::string& why) {
  int error = 0;
  auto connection = SocketEndpoint::connect(why, error);
  if (connection != nullptr || !nobody_there(error)) return connection;
  const std::string failure = run(relay_command(address_, path_, tls_));
  // If it failed because somebody else has just started one, there it is.
  connection = SocketEndpoint::connect(why, error);
  if (connection == nullptr && !failure.empty()) why = "no relay could be started: " + failure;
  return connection;
}

Origin RelayEndpoint::road() const {
  return {.road = Road::kRelay, .address = address_, .tls = tls_};
}

LoopbackEndpoint::LoopbackEndpoint(const std::string& address, const std::string& socket,
                                   const TlsOptions& tls)
    : SocketEndpoint(SocketAddress::at_path(socket), Owner::kThisUserOrRoot),
      address_(address),
      relay_(address, tls) {
  title = "manager " + address;
}

Origin LoopbackEndpoint::road() const {
  Origin origin = relay_.road();
  origin.road = Road::kLoopback;
  origin.socket = SocketEndpoint::road().socket;
  return origin;
}

std::shared_ptr<LaneConnection> LoopbackEndpoint::connect(std::string& why) {
  int error = 0;
  auto connection = SocketEndpoint::connect(why, error);
  if (connection != nullptr || !nobody_there(error) || !listens(address_)) return connection;
  relay_.lane = lane;
  relay_.spin = spin;
  return relay_.connect(why);
}

}  // namespace mp::internal
