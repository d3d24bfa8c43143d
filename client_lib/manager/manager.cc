#include "mp/manager.h"

#include <optional>
#include <utility>

#include "client_lib/manager/batch_record.h"
#include "client_lib/manager/manager_process.h"
#include "client_lib/manager/relay_lane.h"
#include "client_lib/manager/session.h"
#include "client_lib/manager/stream_lane.h"
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
  ManagerState(std::shared_ptr<Endpoint> endpoint, std::string address, Clock::duration timeout)
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

bool is_this_host(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

std::shared_ptr<Endpoint> at_socket(std::string_view address, const SocketAddress& socket,
                                    SocketEndpoint::Owner owner) {
  auto endpoint = std::make_shared<SocketEndpoint>(socket, owner);
  endpoint->title = "manager " + std::string(address);
  return endpoint;
}

std::shared_ptr<Endpoint> endpoint_of(std::string_view address, const ConnectOptions& options) {
  if (address.starts_with(kAbstract))
    return at_socket(address, SocketAddress::at_abstract(address.substr(kAbstract.size())),
                     SocketEndpoint::Owner::kThisUserOrRoot);
  if (address.starts_with(kUnix))
    return at_socket(address, SocketAddress::at_path(std::string(address.substr(kUnix.size()))),
                     SocketEndpoint::Owner::kAny);
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size()) {
    throw ValueError("connect: '" + std::string(address) +
                     "' is no address: HOST:PORT or unix:/path");
  }
  const std::string whole(address);
  if (options.lane == Lane::kInProcess) return stream_endpoint(whole, options.tls);
  if (!is_this_host(address.substr(0, colon)))
    return std::make_shared<RelayEndpoint>(whole, options.tls);
  const std::string port(address.substr(colon + 1));
  return std::make_shared<LoopbackEndpoint>(whole, runtime_folder() + "/" + port + ".sock",
                                            options.tls);
}

}  // namespace
}  // namespace internal

Manager::Manager() : state_(std::make_shared<internal::ManagerState>()) {}
Manager::Manager(std::shared_ptr<internal::ManagerState> state) : state_(std::move(state)) {}
Manager::~Manager() = default;
Manager::Manager(Manager&&) noexcept = default;
Manager& Manager::operator=(Manager&&) noexcept = default;

Manager Manager::connect(std::string_view address, const ConnectOptions& options) {
  auto endpoint = internal::endpoint_of(address, options);
  endpoint->token = options.token;
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

Batch Manager::batch() const { return Batch(internal::make_batch_record(state_->session())); }

void Manager::remove(std::string_view name) const {
  wire::Message request;
  request.str(1, name);
  state_->session()->call(wire::Operation::kObjectDelete, 0, "object '" + std::string(name) + "'",
                          request.bytes(), {});
}

}  // namespace mp
