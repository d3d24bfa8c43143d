#include "mp/manager.h"

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "client_lib/manager/manager_process.h"
#include "client_lib/manager/session.h"
#include "mp/errors.h"
#include "mp/wire/fields.h"

namespace mp {
namespace internal {

// The server process, if it is ours, and the session with it.
class ManagerState {
 public:
  ManagerState() : process_(std::in_place), address_(process_->address()) {
    session_ = Session::open(process_->endpoint(), std::chrono::seconds(10));
  }
  ManagerState(Endpoint endpoint, std::string address, Clock::duration timeout)
      : address_(std::move(address)) {
    session_ = Session::open(std::move(endpoint), timeout);
  }

  const std::shared_ptr<Session>& session() const { return session_; }
  const std::string& address() const { return address_; }
  void shutdown(std::chrono::nanoseconds timeout) {
    if (process_) {
      process_->stop(timeout);
    } else {
      session_->close();
    }
  }

 private:
  std::optional<ManagerProcess> process_;
  std::string address_;
  std::shared_ptr<Session> session_;
};

namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kAbstract = "unix-abstract:";

// Where a manager that listens on this port has its socket, unless it was told another place.
std::string default_socket_path(std::string_view port) {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::string folder = runtime != nullptr && *runtime != '\0'
                                 ? std::string(runtime) + "/mp"
                                 : "/tmp/mp-" + std::to_string(geteuid());
  return folder + "/" + std::string(port) + ".sock";
}

bool is_this_host(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

Endpoint endpoint_of(std::string_view address) {
  if (address.starts_with(kAbstract))
    return Endpoint::at_abstract(address.substr(kAbstract.size()));
  if (address.starts_with(kUnix))
    return Endpoint::at_path(std::string(address.substr(kUnix.size())));
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) {
    throw ValueError("connect: '" + std::string(address) +
                     "' is no address: HOST:PORT or unix:/path");
  }
  if (!is_this_host(address.substr(0, colon))) {
    throw ManagerUnavailable(
        "connect: managers on other hosts are reached through a relay, which this version does not "
        "have "
        "yet (manager " +
        std::string(address) + ")");
  }
  Endpoint endpoint = Endpoint::at_path(default_socket_path(address.substr(colon + 1)));
  endpoint.title = "manager " + std::string(address);
  return endpoint;
}

}  // namespace
}  // namespace internal

Manager::Manager() : state_(std::make_shared<internal::ManagerState>()) {}
Manager::Manager(std::shared_ptr<internal::ManagerState> state) : state_(std::move(state)) {}
Manager::~Manager() = default;
Manager::Manager(Manager&&) noexcept = default;
Manager& Manager::operator=(Manager&&) noexcept = default;

Manager Manager::connect(std::string_view address, const ConnectOptions& options) {
  internal::Endpoint endpoint = internal::endpoint_of(address);
  endpoint.token = options.token;
  return Manager(std::make_shared<internal::ManagerState>(std::move(endpoint), std::string(address),
                                                          options.timeout));
}

const std::string& Manager::address() const { return state_->address(); }

void Manager::shutdown(std::chrono::nanoseconds timeout) { state_->shutdown(timeout); }

std::shared_ptr<const internal::RemoteObject> Manager::create(wire::Operation operation,
                                                              std::string_view kind,
                                                              std::string_view name, Create mode,
                                                              std::string_view contents) const {
  wire::Message request;
  if (!name.empty()) request.str(1, name);
  if (mode != Create::kGetOrCreate) request.uint(2, 1);
  std::string bytes(request.bytes());
  bytes += contents;
  std::string title(kind);
  if (!name.empty()) title += " '" + std::string(name) + "'";
  const internal::Reply reply = state_->session()->call(operation, 0, title, bytes, {});
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() != 1) continue;  // mp.v1.ObjectCreated.ref
    for (wire::Fields ref = fields.message(); ref.next();) {
      if (ref.field() == 1)
        return state_->session()->object(ref.fixed64(), kind, std::string(name));
    }
  }
  throw RemoteError(title + ": the manager's answer names no object");
}

void Manager::remove(std::string_view name) const {
  wire::Message request;
  request.str(1, name);
  state_->session()->call(wire::Operation::kObjectDelete, 0, "object '" + std::string(name) + "'",
                          request.bytes(), {});
}

}  // namespace mp
