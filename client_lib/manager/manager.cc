#include "mp/manager.h"

#include <optional>
#include <string>
#include <utility>

#include "client_lib/manager/batch_record.h"
#include "client_lib/manager/lane.h"
#include "client_lib/manager/manager_state.h"
#include "client_lib/manager/relay_lane.h"
#include "client_lib/manager/stream_lane.h"
#include "mp/errors.h"
#include "mp/wire/fields.h"

namespace mp {
namespace internal {

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

namespace {

const ManagerOptions& checked(const ManagerOptions& options) {
  if (options.lane == Lane::kInProcess)
    throw ValueError(
        "an embedded manager is a process of its own: Lane::kInProcess is for connect");
  internal::require_valid(options.spin);
  const std::string& address = options.address;
  if (address.empty() || internal::is_this_host(address.substr(0, address.rfind(':'))))
    return options;
  throw ValueError("an embedded manager can't serve on '" + address +
                   "': it is no address of this host's loopback; to serve other machines run "
                   "mp-manager, with a token and TLS");
}

}  // namespace

Manager::Manager(const ManagerOptions& options)
    : ObjectFactory(std::make_shared<internal::ManagerState>(checked(options))) {}
Manager::Manager(std::shared_ptr<internal::ManagerState> state) : ObjectFactory(std::move(state)) {}
Manager::~Manager() = default;
Manager::Manager(Manager&&) noexcept = default;
Manager& Manager::operator=(Manager&&) noexcept = default;

Manager Manager::connect(std::string_view address, const ConnectOptions& options) {
  internal::require_valid(options.spin);
  auto endpoint = internal::endpoint_of(address, options);
  endpoint->token = options.token;
  endpoint->lane = options.lane;
  endpoint->spin = options.spin;
  return Manager(std::make_shared<internal::ManagerState>(std::move(endpoint), std::string(address),
                                                          options.timeout.nanoseconds()));
}

const std::string& Manager::address() const { return state_->address(); }

void Manager::shutdown(TimeLimit timeout) {
  if (internal::ManagerProcess* process = state_->process())
    return process->stop(timeout.nanoseconds());
  state_->session()->close();
}

bool Manager::join(TimeLimit timeout) {
  internal::ManagerProcess* process = state_->process();
  if (process == nullptr)
    throw ProcessError("join: the manager at " + address() + " was connected to, not started");
  return process->join(timeout.nanoseconds());
}

Batch Manager::batch() const { return Batch(internal::make_batch_record(state_->session())); }

namespace {

internal::Reply call(internal::ManagerState& state, wire::Operation operation,
                     std::string_view title, const wire::Message& request = {}) {
  return state.session()->call(operation, 0, std::string(title), request.bytes(), {});
}

// About all objects, as they are without what this process has let go of.
internal::Reply ask_of_all(internal::ManagerState& state, wire::Operation operation) {
  state.session()->flush();
  return call(state, operation, "objects");
}

std::string object_title(std::string_view name) { return "object '" + std::string(name) + "'"; }

}  // namespace

void Manager::remove(std::string_view name) const {
  wire::Message request;
  request.str(1, name);
  call(*state_, wire::Operation::kObjectDelete, object_title(name), request);
}

void Manager::rename(std::string_view name, std::string_view new_name) const {
  wire::Message request;
  request.str(1, name);
  request.str(3, new_name);
  call(*state_, wire::Operation::kObjectRename, object_title(name), request);
}

std::size_t Manager::number_of_objects() const {
  return ask_of_all(*state_, wire::Operation::kObjectCount).uint(1);
}

std::string Manager::debug_info() const {
  const internal::Reply reply = ask_of_all(*state_, wire::Operation::kObjectDescribe);
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() == 1) return std::string(fields.bytes());
  }
  return {};
}

}  // namespace mp
