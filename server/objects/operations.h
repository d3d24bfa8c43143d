#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include "google/protobuf/message.h"
#include "server/objects/object.h"
#include "server/objects/plain.h"

namespace mp::server {

// What running an operation means for exactly-once.
enum class Effect {
  kReads,    // changes nothing: may run again
  kMutates,  // its outcome is kept until it is acknowledged
  kGives,    // mutates, and gives its caller something that must come back if the outcome never
             // arrives
};

// Whether an operation may make the manager hold more. Those that may are refused while memory is
// short; the others are the way out.
enum class Growth { kNone, kGrows };

// How a request names its object.
struct Target {
  std::string_view name;
  std::uint64_t id = 0;
};

namespace internal {

template <class Method>
struct PlainTraits;
template <class Class>
struct PlainTraits<absl::Status (Class::*)(std::span<Value>, PlainReply&, Call&)> {
  using Object = Class;
};
template <class Class>
struct PlainTraits<absl::Status (Class::*)(std::span<Value>, PlainReply&, Call&) const> {
  using Object = Class;
};

}  // namespace internal

// One operation of a kind: a row of its table. `run` fills `reply`, or fails and has then changed
// nothing, or parks the call and fills the reply later.
struct Operation {
  std::string_view rpc;  // the method of the kind's service
  Effect effect;
  Growth growth;
  const google::protobuf::Descriptor* (*request)();
  const google::protobuf::Descriptor* (*reply)();
  // The request inside a command that holds it, and the reply inside an outcome, made if it is not
  // there. Without reflection, which would take as long as the operation.
  const google::protobuf::Message& (*request_in)(const v1::Command&);
  google::protobuf::Message& (*reply_in)(v1::Outcome&);
  Target (*target)(const google::protobuf::Message& request);
  absl::Status (*run)(Object&, const google::protobuf::Message& request,
                      google::protobuf::Message& reply, Call&);
  // The same for a plain request (plain.h), outside of batches. Null where no request is plain.
  PlainForm plain_form{};
  absl::Status (*run_plain)(Object&, std::span<Value>, PlainReply&, Call&) = nullptr;

  template <auto kMethod>
  constexpr Operation plain(PlainForm form = {}) const {
    using Class = typename internal::PlainTraits<decltype(kMethod)>::Object;
    Operation row = *this;
    row.plain_form = form;
    row.run_plain = [](Object& object, std::span<Value> values, PlainReply& answer, Call& call) {
      return (static_cast<Class&>(object).*kMethod)(values, answer, call);
    };
    return row;
  }
};

// The object that another one is made for: a Condition's lock. In the same shard.
struct Related {
  std::shared_ptr<Object> object;  // null: none
  std::uint64_t id = 0;
};

// A kind of object: how it is made, and what can be done with it.
struct KindTable {
  Kind kind;
  std::string_view service;  // "mp.v1.Dict"
  const google::protobuf::Descriptor* (*create_request)();
  absl::StatusOr<std::unique_ptr<Object>> (*create)(const google::protobuf::Message& request,
                                                    const ObjectLimits&, Related related);
  // Which object a new one is made for; without name and id if none.
  Target (*related)(const google::protobuf::Message& create_request);
  // WRONG_KIND if the object is not what the request asks for, but for its first contents.
  absl::Status (*require_match)(const Object&, const google::protobuf::Message& create_request,
                                const Related& related);
  std::string_view (*name)(const google::protobuf::Message& create_request);
  v1::CreateMode (*mode)(const google::protobuf::Message& create_request);
  const v1::ObjectLife* (*life)(const google::protobuf::Message& create_request);  // null: none
  // About what the new object takes, at least.
  std::uint64_t (*bytes)(const google::protobuf::Message& create_request);
  std::span<const Operation> operations;
};

namespace internal {

template <class Method>
struct MethodTraits;
template <class Class, class Req, class Rep>
struct MethodTraits<absl::Status (Class::*)(const Req&, Rep&, Call&)> {
  using Object = Class;
  using Request = Req;
  using Reply = Rep;
};
template <class Class, class Req, class Rep>
struct MethodTraits<absl::Status (Class::*)(const Req&, Rep&, Call&) const>
    : MethodTraits<absl::Status (Class::*)(const Req&, Rep&, Call&)> {};

}  // namespace internal

// The row of `absl::Status Class::method(const Request&, Reply&, Call&)`, with the accessors of its
// fields in Command and Outcome.
template <auto kMethod, auto kRequestIn, auto kReplyIn>
constexpr Operation operation(std::string_view rpc, Effect effect, Growth growth = Growth::kNone) {
  using Traits = internal::MethodTraits<decltype(kMethod)>;
  using Request = typename Traits::Request;
  using Reply = typename Traits::Reply;
  return {
      .rpc = rpc,
      .effect = effect,
      .growth = growth,
      .request = &Request::descriptor,
      .reply = &Reply::descriptor,
      .request_in = [](const v1::Command& command) -> const google::protobuf::Message& {
        const Request& request = (command.*kRequestIn)();
        return request;
      },
      .reply_in = [](v1::Outcome& outcome) -> google::protobuf::Message& {
        Reply* reply = (outcome.*kReplyIn)();
        return *reply;
      },
      .target =
          [](const google::protobuf::Message& message) {
            const auto& request = static_cast<const Request&>(message);
            return Target{.name = request.name(), .id = request.id()};
          },
      .run =
          [](Object& object, const google::protobuf::Message& request,
             google::protobuf::Message& reply, Call& call) {
            return (static_cast<typename Traits::Object&>(object).*kMethod)(
                static_cast<const Request&>(request), static_cast<Reply&>(reply), call);
          },
  };
}

// The table of a kind whose `static absl::StatusOr<std::unique_ptr<Class>> create(const Request&,
// const ObjectLimits&)` makes an object from its Create request. If the kind has objects of several
// sorts, its `absl::Status require_match(const Request&) const` tells them apart; if it is made for
// another object, its `static Target related(const Request&)` names that, and create() gets it; if
// it takes more than its request does, `static std::uint64_t bytes_of(const Request&)` says how
// much.
template <class Class, class Request>
constexpr KindTable kind_table(Kind kind, std::string_view service,
                               std::span<const Operation> operations) {
  return {
      .kind = kind,
      .service = service,
      .create_request = &Request::descriptor,
      .create = [](const google::protobuf::Message& message, const ObjectLimits& limits,
                   Related related) -> absl::StatusOr<std::unique_ptr<Object>> {
        const auto& request = static_cast<const Request&>(message);
        if constexpr (requires { Class::related(request); }) {
          return Class::create(request, limits, std::move(related));
        } else {
          return Class::create(request, limits);
        }
      },
      .related =
          [](const google::protobuf::Message& message) {
            Target related;
            const auto& request = static_cast<const Request&>(message);
            if constexpr (requires { Class::related(request); }) related = Class::related(request);
            return related;
          },
      .require_match =
          [](const Object& object, const google::protobuf::Message& message,
             const Related& related) {
            absl::Status status;
            const auto& request = static_cast<const Request&>(message);
            const auto& self = static_cast<const Class&>(object);
            if constexpr (requires { self.require_match(request, related); })
              status = self.require_match(request, related);
            else if constexpr (requires { self.require_match(request); })
              status = self.require_match(request);
            return status;
          },
      .name = [](const google::protobuf::Message& request) -> std::string_view {
        return static_cast<const Request&>(request).name();
      },
      .mode =
          [](const google::protobuf::Message& request) {
            return static_cast<const Request&>(request).mode();
          },
      .life = [](const google::protobuf::Message& message) -> const v1::ObjectLife* {
        const auto& request = static_cast<const Request&>(message);
        return request.has_life() ? &request.life() : nullptr;
      },
      .bytes = [](const google::protobuf::Message& message) -> std::uint64_t {
        const auto& request = static_cast<const Request&>(message);
        if constexpr (requires { Class::bytes_of(request); }) {
          return Class::bytes_of(request);
        } else {
          return request.ByteSizeLong();
        }
      },
      .operations = operations,
  };
}

}  // namespace mp::server
