#pragma once

#include <string_view>

#include "mp/wire/operation.h"

namespace mp::internal {

// What the client knows of an operation beside its number.
struct OperationInfo {
  wire::Operation operation;
  std::string_view name;  // as messages call it: "pop", "acquire"
  bool reads;             // changes nothing: after a lost session it may run again in another
};

const OperationInfo& info_of(wire::Operation operation);

}  // namespace mp::internal
