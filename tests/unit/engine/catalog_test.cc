#include "server/engine/catalog.h"

#include <set>

#include "server/objects/kinds.h"
#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

using google::protobuf::FieldDescriptor;

std::vector<const FieldDescriptor*> fields_of(const google::protobuf::Descriptor* type,
                                              const char* oneof) {
  std::vector<const FieldDescriptor*> fields;
  const auto* descriptor = type->FindOneofByName(oneof);
  for (int i = 0; i < descriptor->field_count(); ++i) fields.push_back(descriptor->field(i));
  return fields;
}

const Catalog::Entry* entry_of(const FieldDescriptor* field) {
  v1::Command command;
  command.GetReflection()->MutableMessage(&command, field);
  return Catalog::get().find(command);
}

TEST(CatalogTest, EveryOperationHasARequestAndAReplyOfOneNumberAndName) {
  for (const FieldDescriptor* request : fields_of(v1::Command::descriptor(), "operation")) {
    const FieldDescriptor* reply = v1::Outcome::descriptor()->FindFieldByNumber(request->number());
    ASSERT_NE(reply, nullptr) << request->name();
    EXPECT_EQ(reply->name(), request->name());
    ASSERT_NE(entry_of(request), nullptr);
    EXPECT_EQ(entry_of(request)->reply, reply);
  }
  EXPECT_EQ(fields_of(v1::Command::descriptor(), "operation").size(),
            fields_of(v1::Outcome::descriptor(), "reply").size());
}

TEST(CatalogTest, EveryFieldOfCommandIsARowOfItsKindOrACreateOrBuiltIn) {
  const std::set<std::string> built_in = {"batch",         "cancel",          "session_open_child",
                                          "session_close", "session_take",    "object_find",
                                          "object_delete", "object_retain",   "object_release",
                                          "object_rename", "object_set_life", "object_get_life",
                                          "object_count",  "object_describe", "object_get_version"};
  for (const FieldDescriptor* field : fields_of(v1::Command::descriptor(), "operation")) {
    const Catalog::Entry* entry = entry_of(field);
    const bool is_create = entry->kind != nullptr && entry->operation == nullptr;
    EXPECT_EQ(entry->kind == nullptr, built_in.contains(field->name())) << field->name();
    EXPECT_EQ(is_create, field->name().ends_with("_create")) << field->name();
  }
}

TEST(CatalogTest, EveryRpcOfAnObjectIsACommandAndEveryCommandHasItsRpc) {
  std::set<std::string> methods;
  for (const KindTable& kind : kinds()) {
    const auto* service =
        v1::Command::descriptor()->file()->pool()->FindServiceByName(std::string(kind.service));
    ASSERT_NE(service, nullptr) << kind.service;
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      const Catalog::Entry* entry =
          Catalog::get().find_method(service->full_name() + "/" + method->name());
      ASSERT_NE(entry, nullptr) << method->full_name();
      EXPECT_EQ(entry->reply->message_type(), method->output_type()) << method->full_name();
      if (entry->operation != nullptr) {
        EXPECT_EQ(entry->operation->rpc, method->name());
      }
    }
  }
  for (const FieldDescriptor* field : fields_of(v1::Command::descriptor(), "operation")) {
    const std::string& method = entry_of(field)->method;
    const bool of_streams_alone = field->name() == "cancel" ||
                                  field->name() == "session_open_child" ||
                                  field->name() == "session_take";
    EXPECT_EQ(method.empty(), of_streams_alone) << field->name();
    if (!method.empty()) {
      EXPECT_TRUE(methods.insert(method).second) << method << " twice";
    }
  }
}

TEST(CatalogTest, EveryCommandIsAnswered) {
  Manager manager;
  for (const FieldDescriptor* field : fields_of(v1::Command::descriptor(), "operation")) {
    Client a(manager);
    v1::Command command;
    command.GetReflection()->MutableMessage(&command, field);
    const v1::Code code = a.ask(command).error().code();
    EXPECT_NE(code, v1::INTERNAL) << field->name();
    if (entry_of(field)->operation != nullptr) {
      EXPECT_EQ(code, v1::BAD_COMMAND) << field->name() << " names no object";
    }
  }
}

TEST(CatalogTest, AnUnknownMethodIsNotFound) {
  EXPECT_EQ(Catalog::get().find_method("mp.v1.Dict/Explode"), nullptr);
  EXPECT_EQ(Catalog::get().find_method("mp.v1.Sessions/Stream"), nullptr);
}

}  // namespace
}  // namespace mp::server::engine_test
