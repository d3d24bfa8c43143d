#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "server/objects/kinds.h"
#include "tests/e2e/bad_commands.h"
#include "tests/e2e/hostile_fields.h"

// Bad input for every operation of every kind, as the tables of the kinds list them: each is
// answered, and changes nothing unless it is done.

namespace mp::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using server::Effect;
using server::Kind;
using server::KindTable;
using server::Operation;

// How an object of this kind is made; empty for a kind that this manager makes none of.
std::string making(Kind kind) {
  switch (kind) {
    case Kind::kDict:
      return "entries { key { int: 1 } value { int: 2 } }";
    case Kind::kList:
      return "values { int: 3 } values { int: 1 } values { int: 2 }";
    case Kind::kSet:
      return "items { int: 1 } items { int: 2 }";
    case Kind::kNamespace:
      return "attributes { attribute: 'x' value { int: 1 } }";
    case Kind::kSharedValue:
      return "typecode: 'i' value { int: 7 }";
    case Kind::kSharedArray:
      return "typecode: 'i' length: 3";
    case Kind::kSemaphore:
      return "value: 2";
    case Kind::kBarrier:
      return "parties: 2";
    case Kind::kLatch:
      return "count: 3";
    case Kind::kQueue:
      return "maxsize: 4";
    case Kind::kWatch:
      return "watched_name: 'l'";
    case Kind::kCustom:
      return "";
    default:
      return "mode: GET_OR_CREATE";
  }
}

const FieldDescriptor& field_of(const Descriptor* request) {
  const auto& operations = *v1::Command::descriptor()->FindOneofByName("operation");
  for (int i = 0; i < operations.field_count(); ++i)
    if (operations.field(i)->message_type() == request) return *operations.field(i);
  throw std::logic_error("no command has a " + request->full_name());
}

Message& request_in(v1::Command& command, const Descriptor* request) {
  return *command.GetReflection()->MutableMessage(&command, &field_of(request));
}

v1::Command command_of(const Message& request) {
  v1::Command command;
  request_in(command, request.GetDescriptor()).CopyFrom(request);
  return command;
}

// Of an object by name; where it could wait, it does not.
v1::Command asking(const Operation& row, const std::string& name) {
  v1::Command command;
  Message& request = request_in(command, row.request());
  const auto* type = request.GetDescriptor();
  request.GetReflection()->SetString(&request, type->FindFieldByName("name"), name);
  if (const auto* timeout = type->FindFieldByName("timeout"))
    request.GetReflection()->MutableMessage(&request, timeout);
  return command;
}

class EveryOperation : public BadCommands {
 protected:
  EveryOperation() : BadCommands({"lock_create { name: 'l' }", "event_create { name: 'e' }"}, {}) {}

  // Calls visit(kind, row) for each operation of each kind.
  template <class Visit>
  static void for_each_operation(const Visit& visit) {
    for (const KindTable& kind : server::kinds()) {
      for (const Operation& row : kind.operations) {
        SCOPED_TRACE(absl::StrCat(std::string(kind.service), "/", std::string(row.rpc)));
        visit(kind, row);
      }
    }
  }

  v1::Command create(const KindTable& kind, const std::string& name) {
    const std::string request = field_of(kind.create_request()).name();
    return parsed(request + " { name: '" + name + "' " + making(kind.kind) + " }");
  }
  // A new one, of whatever is asked next.
  std::string object_of(const KindTable& kind) {
    std::string name = "object " + std::to_string(++objects_);
    EXPECT_FALSE(ask(create(kind, name)).has_error());
    return name;
  }
  static bool is_made_here(const KindTable& kind) { return !making(kind.kind).empty(); }

  // All that reads tell of the object, and its version.
  std::string state_of(const KindTable& kind, const std::string& name) {
    std::string text = ask("object_get_version { name: '" + name + "' }").ShortDebugString();
    for (const Operation& row : kind.operations) {
      if (row.effect != Effect::kReads) continue;
      absl::StrAppend(&text, "\n", ask(asking(row, name)).ShortDebugString());
    }
    return text;
  }

  // Is done; or is refused and changes nothing, but for a barrier that breaks in a wait.
  void expect_answered(const KindTable& kind, const std::string& name, const Message& request,
                       std::string& state) {
    const v1::Outcome outcome = ask(command_of(request));
    const std::string after = state_of(kind, name);
    SCOPED_TRACE(request.ShortDebugString().substr(0, 300));
    ASSERT_TRUE(outcome.has_error() || outcome.reply_case() != v1::Outcome::REPLY_NOT_SET);
    if (outcome.has_error()) {
      EXPECT_NE(outcome.error().code(), v1::CODE_UNSPECIFIED);
      EXPECT_NE(outcome.error().code(), v1::INTERNAL) << outcome.error().message();
      EXPECT_FALSE(outcome.error().message().empty());
      if (outcome.error().code() == v1::BROKEN_BARRIER) state = after;
      EXPECT_EQ(after, state) << outcome.error().message();
    }
    state = after;
  }

 private:
  int objects_ = 0;
};
MP_OVER_ALL_ROADS(EveryOperation);

TEST_P(EveryOperation, OnNothingOrOnTheWrongObjectIsRefused) {
  for_each_operation([&](const KindTable& kind, const Operation& row) {
    v1::Command command;
    request_in(command, row.request());
    expect_refused(command, v1::BAD_COMMAND);
    expect_refused(asking(row, "nobody"), v1::NO_SUCH_OBJECT);
    expect_refused(asking(row, kind.kind == Kind::kLock ? "e" : "l"), v1::WRONG_KIND);
  });
}

TEST_P(EveryOperation, ThatDemandsATokenWhichIsOverIsRefusedAndChangesNothing) {
  for_each_operation([&](const KindTable& kind, const Operation& row) {
    if (row.effect == Effect::kReads || !is_made_here(kind)) return;
    const std::string name = object_of(kind);
    const std::string before = state_of(kind, name);
    v1::Command command = asking(row, name);
    command.mutable_require_token()->set_name("l");
    command.mutable_require_token()->set_token(77);
    expect_refused(command, v1::STALE_TOKEN);
    EXPECT_EQ(state_of(kind, name), before);
  });
}

TEST_P(EveryOperation, WithAHostileFieldIsAnsweredAndChangesNothingUnlessItIsDone) {
  for_each_operation([&](const KindTable& kind, const Operation& row) {
    if (!is_made_here(kind)) return;
    const std::string name = object_of(kind);
    std::string state = state_of(kind, name);
    v1::Command good = asking(row, name);
    const Message& request = request_in(good, row.request());
    for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *request.GetDescriptor()->field(i);
      if (field.name() == "name" || field.name() == "id") continue;
      for (const auto& bad : spoilt(request, field)) expect_answered(kind, name, *bad, state);
    }
  });
}

TEST_P(EveryOperation, WithSeveralHostileFieldsIsAnsweredAndChangesNothingUnlessItIsDone) {
  const char* chosen = std::getenv("MP_TEST_SEED");
  const auto seed = chosen == nullptr ? std::random_device()()
                                      : static_cast<unsigned>(std::strtoul(chosen, nullptr, 10));
  SCOPED_TRACE("MP_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for_each_operation([&](const KindTable& kind, const Operation& row) {
    if (!is_made_here(kind)) return;
    const std::string name = object_of(kind);
    std::string state = state_of(kind, name);
    for (int round = 0; round < 20; ++round) {
      v1::Command command = asking(row, name);
      std::unique_ptr<Message> request(request_in(command, row.request()).New());
      request->CopyFrom(request_in(command, row.request()));
      const Descriptor& type = *request->GetDescriptor();
      for (int i = 0; i < type.field_count(); ++i) {
        const FieldDescriptor& field = *type.field(i);
        if (field.name() == "name" || field.name() == "id" || random() % 4 == 0) continue;
        Messages bad = spoilt(*request, field);
        request = std::move(bad[random() % bad.size()]);
      }
      expect_answered(kind, name, *request, state);
    }
  });
}

TEST_P(EveryOperation, ThatMakesAnObjectWithAHostileFieldMakesItOrNothing) {
  for (const KindTable& kind : server::kinds()) {
    SCOPED_TRACE(std::string(kind.service));
    v1::Command good = create(kind, "new");
    const Message& request = request_in(good, kind.create_request());
    for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *request.GetDescriptor()->field(i);
      if (field.name() == "name") continue;
      for (const auto& bad : spoilt(request, field)) {
        SCOPED_TRACE(bad->ShortDebugString().substr(0, 300));
        const v1::Outcome made = ask(command_of(*bad));
        EXPECT_NE(made.error().code(), v1::INTERNAL) << made.error().message();
        const v1::Outcome gone = ask("object_delete { name: 'new' }");
        EXPECT_EQ(gone.has_error(), made.has_error()) << made.ShortDebugString();
      }
    }
  }
}

}  // namespace
}  // namespace mp::e2e
