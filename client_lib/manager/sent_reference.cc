#include "client_lib/manager/sent_reference.h"

#include <memory>
#include <string>
#include <utility>

#include "client_lib/manager/forks.h"
#include "client_lib/manager/session.h"
#include "client_lib/manager/session_object.h"
#include "mp/errors.h"
#include "mp/internal/plain_bytes.h"
#include "mp/wire/message.h"

namespace mp::internal {
namespace {

// What goes along with a reference. A plain struct: its Codec is made of its fields.
struct Voucher {
  std::string origin;  // of the manager
  std::string name;    // the object's
  std::uint64_t session = 0;
  std::string secret;  // of this session, which holds the reference until then
};

// A child that does not come to be is soon forgotten; a message may lie in a queue for long.
std::string send_reference(const RemoteObject& object) {
  const auto* ours = dynamic_cast<const SessionObject*>(&object);
  if (ours == nullptr) return {};
  constexpr std::uint32_t kObjects = 1;  // of mp.v1.SessionOpenChildRequest
  constexpr std::uint32_t kWaitsWithCaller = 2;
  wire::Message request;
  request.fixed64(kObjects, object.id());
  request.boolean(kWaitsWithCaller, !GoesToNewChild::in_scope());
  Session& session = *ours->session();
  auto [id, secret] = session.open_child(request);
  std::string bytes;
  write_plain(bytes, Voucher{.origin = session.origin(),
                             .name = object.name(),
                             .session = id,
                             .secret = std::move(secret)});
  return bytes;
}

// Holds the reference, if there is one to be had.
Reply claim(Session& session, std::uint64_t id, const Voucher& voucher) {
  try {
    return session.take({.id = voucher.session, .secret = voucher.secret});
  } catch (const NoSession&) {
    // It was taken before, or it is too late. The object may live all the same.
    return session.call(wire::Operation::kObjectRetain, id, "reference", {}, {});
  }
}

std::shared_ptr<const RemoteObject> receive_reference(std::uint64_t id, std::string_view kind,
                                                      std::string_view bytes) {
  const auto voucher = read_plain<Voucher>(bytes);
  const std::shared_ptr<Session> session = session_at(voucher.origin);
  try {
    const Reply claimed = claim(*session, id, voucher);
    return session->object(id, kind, voucher.name);
  } catch (const Error&) {
    // What came along with it shall not be lost over it: whoever uses the proxy is told.
    return session->object(id, kind, voucher.name);
  }
}

}  // namespace

constinit const ReferenceTravel kTravelOfProxies{.origin_of = send_reference,
                                                 .resolve = receive_reference};

}  // namespace mp::internal
