#include "server/engine/catalog.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/absl_view.h"
#include "server/objects/kinds.h"

namespace mp::server {

const Catalog& Catalog::get() {
  static const Catalog catalog;
  return catalog;
}

namespace {

using Path = std::vector<const google::protobuf::FieldDescriptor*>;

// Those of `type`, and of how long an object lives. (The commands of a batch have their own.)
std::vector<Path> durations_of(const google::protobuf::Descriptor& type) {
  std::vector<Path> paths;
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    if (field->is_repeated() || field->message_type() == nullptr) continue;
    if (field->message_type() == google::protobuf::Duration::descriptor()) {
      paths.push_back({field});
    } else if (field->message_type() == v1::ObjectLife::descriptor()) {
      for (Path& path : durations_of(*field->message_type())) {
        path.insert(path.begin(), field);
        paths.push_back(std::move(path));
      }
    }
  }
  return paths;
}

}  // namespace

absl::Status Catalog::Entry::require_durations(const google::protobuf::Message& message) const {
  for (const Path& path : durations) {
    const google::protobuf::Message* at = &message;
    for (const google::protobuf::FieldDescriptor* field : path) {
      const google::protobuf::Reflection& reflection = *at->GetReflection();
      at = reflection.HasField(*at, field) ? &reflection.GetMessage(*at, field) : nullptr;
      if (at == nullptr) break;
    }
    if (at == nullptr) continue;
    const auto& duration = static_cast<const google::protobuf::Duration&>(*at);
    if (absl::Status status = require_duration(duration, path.back()->name()); !status.ok())
      return status;
  }
  return absl::OkStatus();
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
    entry.durations = durations_of(*field->message_type());
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
