#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "mp/v1/command.pb.h"
#include "server/objects/operations.h"

namespace mp::server {

// Every operation that a Command may hold, by its field number: what the dispatcher knows of it.
// Made once from the tables of the kinds and the descriptors of the wire; immutable afterwards.
class Catalog {
 public:
  struct Entry {
    const google::protobuf::FieldDescriptor* request = nullptr;  // in Command
    const google::protobuf::FieldDescriptor* reply = nullptr;    // in Outcome
    const KindTable* kind = nullptr;       // null: an operation on no object of a kind
    const Operation* operation = nullptr;  // null, with a kind: its Create
    std::string method;                    // "mp.v1.Dict/Set"; empty if it has no RPC of its own
    // The request's durations, each as the fields that lead to it.
    std::vector<std::vector<const google::protobuf::FieldDescriptor*>> durations;

    // VALUE_ERROR if one of the request's durations is none (step.h).
    absl::Status require_durations(const google::protobuf::Message& message) const;

    const google::protobuf::Message& request_in(const v1::Command& command) const {
      if (operation != nullptr) return operation->request_in(command);
      return command.GetReflection()->GetMessage(command, request);
    }
    google::protobuf::Message& reply_in(v1::Outcome& outcome) const {
      if (operation != nullptr) return operation->reply_in(outcome);
      return *outcome.GetReflection()->MutableMessage(&outcome, reply);
    }
  };

  static const Catalog& get();

  // Null if `command` holds no operation, or one that this manager does not know.
  const Entry* find(const v1::Command& command) const;
  // By its field number in Command; null if there is none.
  const Entry* find(std::uint64_t number) const;
  // The operation behind a method of a service, or null.
  const Entry* find_method(std::string_view method) const;
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  Catalog();

  std::vector<Entry> entries_;  // by field number
  absl::flat_hash_map<std::string, const Entry*> by_method_;
};

}  // namespace mp::server
