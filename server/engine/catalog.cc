#include "server/engine/catalog.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/engine/absl_view.h"
#include "server/objects/kinds.h"

namespace mp::server {

const Catalog& Catalog::get() {
  static const Catalog catalog;
  return catalog;
}

Catalog::Catalog() {
  const google::protobuf::Descriptor* commands = v1::Command::descriptor();
  const google::protobuf::Descriptor* outcomes = v1::Outcome::descriptor();
  const google::protobuf::OneofDescriptor* operations = commands->FindOneofByName("operation");
  absl::flat_hash_map<const google::protobuf::Descriptor*, Entry*> by_request;

  int last = 0;
  for (int i = 0; i < operations->field_count(); ++i)
    last = std::max(last, operations->field(i)->number());
  entries_.resize(static_cast<std::size_t>(last) + 1);
  for (int i = 0; i < operations->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = operations->field(i);
    Entry& entry = entries_[static_cast<std::size_t>(field->number())];
    entry.request = field;
    entry.reply = outcomes->FindFieldByNumber(field->number());
    by_request[field->message_type()] = &entry;
  }

  for (const KindTable& kind : kinds()) {
    by_request[kind.create_request()]->kind = &kind;
    for (const Operation& operation : kind.operations) {
      Entry* entry = by_request[operation.request()];
      entry->kind = &kind;
      entry->operation = &operation;
    }
  }

  // The method of an operation is the one that takes its request.
  std::vector<std::string> services = {"mp.v1.Objects", "mp.v1.Batches", "mp.v1.Sessions"};
  for (const KindTable& kind : kinds()) services.emplace_back(kind.service);
  for (const std::string& name : services) {
    const google::protobuf::ServiceDescriptor* service =
        commands->file()->pool()->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* method = service->method(i);
      const auto at = by_request.find(method->input_type());
      if (at == by_request.end()) continue;
      at->second->method = absl::StrCat(name, "/", method->name());
      by_method_[at->second->method] = at->second;
    }
  }
}

const Catalog::Entry* Catalog::find(const v1::Command& command) const {
  return find(static_cast<std::uint64_t>(command.operation_case()));
}

const Catalog::Entry* Catalog::find(std::uint64_t number) const {
  if (number >= entries_.size() || entries_[number].request == nullptr) return nullptr;
  return &entries_[number];
}

const Catalog::Entry* Catalog::find_method(std::string_view method) const {
  const auto at = by_method_.find(absl_view(method));
  return at == by_method_.end() ? nullptr : at->second;
}

}  // namespace mp::server
