#include "server/objects/kinds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "mp/v1/command.pb.h"
#include "tests/unit/objects/harness.h"

// The tables of the kinds against the descriptors: what is on the wire is in a table, and the other
// way round.

namespace mp::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const ServiceDescriptor& service_of(const KindTable& kind) {
  return *DescriptorPool::generated_pool()->FindServiceByName(std::string(kind.service));
}

const Operation* row_of(const KindTable& kind, const std::string& rpc) {
  const auto at = std::ranges::find(kind.operations, rpc, &Operation::rpc);
  return at == kind.operations.end() ? nullptr : &*at;
}

// "PopItem" as "pop_item", and "RLock" as "rlock".
std::string snake_case(const std::string& name) {
  std::string snake;
  bool after_capital = true;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool capital = absl::ascii_isupper(byte);
    if (capital && !after_capital) snake += '_';
    snake += absl::ascii_tolower(byte);
    after_capital = capital;
  }
  return snake;
}

// Calls visit(kind, method) for every RPC of every kind.
template <class Visit>
void for_each_rpc(Visit visit) {
  for (const KindTable& kind : kinds()) {
    const ServiceDescriptor& service = service_of(kind);
    for (int i = 0; i < service.method_count(); ++i) {
      SCOPED_TRACE(service.method(i)->full_name());
      visit(kind, *service.method(i));
    }
  }
}

TEST(KindsTest, EveryKindHasItsTableAndItsService) {
  std::set<Kind> seen;
  for (const KindTable& kind : kinds()) {
    seen.insert(kind.kind);
    ASSERT_NE(DescriptorPool::generated_pool()->FindServiceByName(std::string(kind.service)),
              nullptr);
    // mp.v1.SharedValue is of the kind "value": mp.v1.Value is what containers hold.
    EXPECT_THAT(absl::AsciiStrToLower(service_of(kind).name()),
                ::testing::EndsWith(std::string(name_of(kind.kind))));
    EXPECT_EQ(kind_named(name_of(kind.kind)), kind.kind);
  }
  EXPECT_EQ(seen.size(), kKindNames.size());
}

TEST(KindsTest, EveryServiceThatCreatesObjectsIsAKind) {
  std::set<std::string> services;
  for (const KindTable& kind : kinds()) services.insert(std::string(kind.service));
  const FileDescriptor& command = *v1::Command::descriptor()->file();
  for (int i = 0; i < command.dependency_count(); ++i) {
    for (int j = 0; j < command.dependency(i)->service_count(); ++j) {
      const ServiceDescriptor& service = *command.dependency(i)->service(j);
      if (service.FindMethodByName("Create") == nullptr) continue;
      EXPECT_TRUE(services.contains(service.full_name())) << service.full_name();
    }
  }
}

TEST(KindsTest, EveryRpcHasARowOfTheSameTypes) {
  for_each_rpc([](const KindTable& kind, const MethodDescriptor& rpc) {
    EXPECT_FALSE(rpc.client_streaming() || rpc.server_streaming());
    if (rpc.name() == "Create") {
      EXPECT_EQ(rpc.input_type(), kind.create_request());
      EXPECT_EQ(rpc.output_type(), v1::ObjectCreated::descriptor());
      return;
    }
    const Operation* row = row_of(kind, rpc.name());
    ASSERT_NE(row, nullptr) << "no row";
    EXPECT_EQ(rpc.input_type(), row->request());
    EXPECT_EQ(rpc.output_type(), row->reply());
  });
}

TEST(KindsTest, EveryRowIsAnRpcAndStandsOnce) {
  for (const KindTable& kind : kinds()) {
    std::set<std::string_view> seen;
    for (const Operation& row : kind.operations) {
      SCOPED_TRACE(absl::StrCat(std::string(kind.service), "/", std::string(row.rpc)));
      EXPECT_TRUE(seen.insert(row.rpc).second) << "twice";
      EXPECT_NE(service_of(kind).FindMethodByName(std::string(row.rpc)), nullptr) << "no RPC";
    }
  }
}

TEST(KindsTest, EveryRpcHasItsFieldsInCommandAndOutcome) {
  for_each_rpc([](const KindTable&, const MethodDescriptor& rpc) {
    const std::string name = snake_case(rpc.service()->name() + rpc.name());
    const FieldDescriptor* command = v1::Command::descriptor()->FindFieldByName(name);
    const FieldDescriptor* outcome = v1::Outcome::descriptor()->FindFieldByName(name);
    ASSERT_NE(command, nullptr) << "no field in Command: " << name;
    ASSERT_NE(outcome, nullptr) << "no field in Outcome: " << name;
    EXPECT_EQ(command->number(), outcome->number());
    EXPECT_EQ(command->message_type(), rpc.input_type());
    EXPECT_EQ(outcome->message_type(), rpc.output_type());
    ASSERT_NE(command->containing_oneof(), nullptr);
    ASSERT_NE(outcome->containing_oneof(), nullptr);
    EXPECT_EQ(command->containing_oneof()->name(), "operation");
    EXPECT_EQ(outcome->containing_oneof()->name(), "reply");
  });
}

TEST(KindsTest, EveryOperationOfACommandHasAReplyAndBelongsToAService) {
  std::set<const Descriptor*> requests;
  const FileDescriptor& file = *v1::Command::descriptor()->file();
  const auto add_requests = [&](const FileDescriptor& of) {
    for (int i = 0; i < of.service_count(); ++i) {
      for (int j = 0; j < of.service(i)->method_count(); ++j) {
        requests.insert(of.service(i)->method(j)->input_type());
      }
    }
  };
  add_requests(file);
  for (int i = 0; i < file.dependency_count(); ++i) add_requests(*file.dependency(i));

  constexpr int kFirstOfTheKinds = 100;  // below it are batches, sessions, and what every kind has
  const auto* operations = v1::Command::descriptor()->FindOneofByName("operation");
  for (int i = 0; i < operations->field_count(); ++i) {
    const FieldDescriptor& field = *operations->field(i);
    SCOPED_TRACE(field.name());
    const FieldDescriptor* reply = v1::Outcome::descriptor()->FindFieldByNumber(field.number());
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(reply->name(), field.name());
    if (field.number() >= kFirstOfTheKinds) {
      EXPECT_TRUE(requests.contains(field.message_type())) << "of no RPC";
    }
  }
}

TEST(KindsTest, EveryOperationNamesItsObjectByNameOrById) {
  for (const KindTable& kind : kinds()) {
    for (const Operation& row : kind.operations) {
      SCOPED_TRACE(absl::StrCat(std::string(kind.service), "/", std::string(row.rpc)));
      EXPECT_EQ(row.target(*test::parsed(row.request(), "name: 'jobs'")).name, "jobs");
      EXPECT_EQ(row.target(*test::parsed(row.request(), "id: 7")).id, 7U);
    }
  }
}

// What a kind can't do without when it is made.
std::string least_of(Kind kind) {
  switch (kind) {
    case Kind::kSharedValue:
    case Kind::kSharedArray:
      return "typecode: 'q'";
    case Kind::kBarrier:
      return "parties: 1";
    default:
      return "";
  }
}

TEST(KindsTest, EveryKindIsCreatedFromHardlyAnything) {
  for (const KindTable& kind : kinds()) {
    if (kind.kind == Kind::kWatch) continue;  // of another object: watch_test.cc
    SCOPED_TRACE(std::string(kind.service));
    const auto request =
        test::parsed(kind.create_request(),
                     "name: 'n' mode: MUST_NOT_EXIST life { idle_time {} } " + least_of(kind.kind));
    EXPECT_EQ(kind.name(*request), "n");
    EXPECT_EQ(kind.mode(*request), v1::MUST_NOT_EXIST);
    EXPECT_NE(kind.life(*request), nullptr);
    const auto object = kind.create(*request, ObjectLimits(), {});
    ASSERT_TRUE(object.ok()) << object.status();
    EXPECT_EQ((*object)->kind(), kind.kind);
    EXPECT_LE((*object)->length(), 1U);
  }
}

}  // namespace
}  // namespace mp::server
