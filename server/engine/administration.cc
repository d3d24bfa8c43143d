#include "server/engine/administration.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <type_traits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "server/engine/absl_view.h"
#include "server/engine/inspection.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

using google::protobuf::util::TimeUtil;

// A session must outlive the way to its next call, and the manager keeps eight beats in each time
// to live.
constexpr Duration kShortestTimeToLive = std::chrono::milliseconds(100);

struct Method {
  std::string_view name;
  const google::protobuf::Descriptor* (*request)();
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> (*run)(
      Administration&, Engine&, const google::protobuf::Message& request,
      const Administration::Caller&);
};

template <class Method>
struct Traits;
template <class C, class Req, class Rep, class... Caller>
struct Traits<absl::Status (C::*)(const Req&, Rep&, Caller...)> {
  using Class = C;
  using Request = Req;
  using Reply = Rep;
};

template <auto kMethod>
constexpr Method method(std::string_view name) {
  using Class = typename Traits<decltype(kMethod)>::Class;
  using Request = typename Traits<decltype(kMethod)>::Request;
  using Reply = typename Traits<decltype(kMethod)>::Reply;
  return {.name = name,
          .request = &Request::descriptor,
          .run = [](Administration& administration, Engine& engine,
                    const google::protobuf::Message& message, const Administration::Caller& caller)
              -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
            const auto& request = static_cast<const Request&>(message);
            auto reply = std::make_unique<Reply>();
            absl::Status status;
            if constexpr (std::is_same_v<Class, Inspection>) {
              status = (Inspection(engine).*kMethod)(request, *reply);
            } else if constexpr (std::is_invocable_v<decltype(kMethod), Administration&,
                                                     const Request&, Reply&>) {
              status = (administration.*kMethod)(request, *reply);
            } else {
              status = (administration.*kMethod)(request, *reply, caller);
            }
            if (!status.ok()) return status;
            return reply;
          }};
}

constexpr std::array kMethods = {
    method<&Inspection::list_objects>("mp.v1.Admin/ListObjects"),
    method<&Inspection::describe_object>("mp.v1.Admin/DescribeObject"),
    method<&Inspection::list_sessions>("mp.v1.Admin/ListSessions"),
    method<&Inspection::list_waiters>("mp.v1.Admin/ListWaiters"),
    method<&Inspection::wait_for_graph>("mp.v1.Admin/WaitForGraph"),
    method<&Administration::close_session>("mp.v1.Admin/CloseSession"),
    method<&Administration::collect>("mp.v1.Admin/Collect"),
    method<&Inspection::list_types>("mp.v1.Admin/ListTypes"),
    method<&Inspection::stats>("mp.v1.Admin/Stats"),
    method<&Administration::open_session>("mp.v1.Sessions/Open"),
    method<&Administration::renew_session>("mp.v1.Sessions/Renew"),
};

const Method* find(std::string_view name) {
  const auto* const at = std::ranges::find(kMethods, name, &Method::name);
  return at == kMethods.end() ? nullptr : at;
}

}  // namespace

bool Administration::knows(std::string_view method) { return find(method) != nullptr; }

const google::protobuf::Descriptor* Administration::request_type(std::string_view method) {
  const Method* known = find(method);
  return known == nullptr ? nullptr : known->request();
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Administration::run(
    std::string_view method, const Message& request, const Caller& caller) {
  const Method* known = find(method);
  if (known == nullptr) {
    return error(v1::UNKNOWN_OPERATION,
                 absl::StrCat("this manager has no method ", absl_view(method)));
  }
  return known->run(*this, engine_, request, caller);
}

absl::Status Administration::open_session(const v1::SessionOpenRequest& request,
                                          v1::SessionOpenReply& reply) {
  Duration time_to_live = engine_.limits().session_time_to_live;
  if (request.has_time_to_live()) {
    if (absl::Status status = require_duration(request.time_to_live(), "time_to_live");
        !status.ok()) {
      return status;
    }
    time_to_live = duration_of(request.time_to_live());
    if (time_to_live <= Duration::zero())
      return error(v1::VALUE_ERROR, "a time to live must be longer than 0");
    time_to_live = std::max(time_to_live, kShortestTimeToLive);
  }
  const auto session = engine_.open_session(request.client(), "unary", time_to_live);
  if (!session.ok()) return session.status();
  reply.set_session((*session)->id());
  reply.set_secret(absl::BytesToHexString((*session)->secret()));
  *reply.mutable_time_to_live() = TimeUtil::NanosecondsToDuration(time_to_live.count());
  return absl::OkStatus();
}

absl::Status Administration::renew_session(const v1::SessionRenewRequest&,
                                           v1::SessionRenewReply& reply, const Caller& caller) {
  if (!caller) {
    return error(v1::NO_SESSION,
                 "whose session? Send its id and secret as the metadata mp-session and mp-secret");
  }
  const auto time_to_live = engine_.sessions().renew(caller->id(), engine_.now());
  if (!time_to_live)
    return error(v1::SESSION_EXPIRED, absl::StrCat("session ", caller->id(), " has ended"));
  *reply.mutable_time_to_live() = TimeUtil::NanosecondsToDuration(time_to_live->count());
  return absl::OkStatus();
}

absl::Status Administration::close_session(const v1::CloseSessionRequest& request,
                                           v1::CloseSessionReply&) {
  const std::shared_ptr<Session> session = engine_.sessions().find(request.session());
  if (session == nullptr) {
    return error(v1::SESSION_EXPIRED, absl::StrCat("there is no session ", request.session(),
                                                   ": it has ended, or never was"));
  }
  engine_.end_session(session);
  return absl::OkStatus();
}

absl::Status Administration::collect(const v1::CollectRequest&, v1::CollectReply& reply) {
  reply.set_removed(engine_.collect());
  reply.set_objects(engine_.objects());
  return absl::OkStatus();
}

}  // namespace mp::server
