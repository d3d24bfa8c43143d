#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "mp/v1/command.pb.h"
#include "tests/unit/objects/harness.h"

// Outcomes as tests write them.

namespace mp::server::test {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void abort_with(std::string_view what, std::string_view which) {
  std::fprintf(stderr, "%s: %s\n", std::string(what).c_str(), std::string(which).c_str());
  std::abort();
}

namespace {

std::string item_text(const Message& message) {
  if (const auto* value = dynamic_cast<const v1::Value*>(&message)) return repr(*value);
  if (const auto* entry = dynamic_cast<const v1::Entry*>(&message)) {
    return absl::StrCat(repr(entry->key()), ": ", repr(entry->value()));
  }
  return message.ShortDebugString();
}

std::string field_text(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) {
    const bool is_dict = field.message_type() == v1::Entry::descriptor();
    std::string text = is_dict ? "{" : "[";
    for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
      text += (i == 0 ? "" : ", ") + item_text(reflection->GetRepeatedMessage(message, &field, i));
    }
    return text + (is_dict ? "}" : "]");
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return item_text(reflection->GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "True" : "False";
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection->GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(message, &field);
    default:
      abort_with("a reply's field that the harness can't show", field.full_name());
  }
}

const Message* reply_of(const v1::Outcome& outcome) {
  const auto* oneof = v1::Outcome::descriptor()->FindOneofByName("reply");
  const auto* reflection = outcome.GetReflection();
  const FieldDescriptor* reply = reflection->GetOneofFieldDescriptor(outcome, oneof);
  return reply == nullptr ? nullptr : &reflection->GetMessage(outcome, reply);
}

}  // namespace

std::string text(const v1::Outcome& outcome) {
  if (outcome.has_error()) return v1::Code_Name(outcome.error().code());
  const Message* reply = reply_of(outcome);
  if (reply == nullptr) return "no reply";
  const Descriptor& type = *reply->GetDescriptor();
  if (type.field_count() == 0) return "done";
  if (type.field_count() == 1) return field_text(*reply, *type.field(0));
  std::string all;
  for (int i = 0; i < type.field_count(); ++i) {
    absl::StrAppend(&all, i == 0 ? "" : " ", type.field(i)->name(), "=",
                    field_text(*reply, *type.field(i)));
  }
  return all;
}

std::string field(const v1::Outcome& outcome, std::string_view name) {
  const Message* reply = outcome.has_error() ? nullptr : reply_of(outcome);
  if (reply == nullptr) return "";
  const FieldDescriptor* field = reply->GetDescriptor()->FindFieldByName(std::string(name));
  return field == nullptr ? "" : field_text(*reply, *field);
}

void PrintTo(const Result& result, std::ostream* out) {
  *out << result.ticket << ": " << text(result.outcome);
}

}  // namespace mp::server::test
