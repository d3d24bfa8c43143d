#pragma once

#include <memory>
#include <vector>

#include "google/protobuf/message.h"

namespace mp::e2e {

using Messages = std::vector<std::unique_ptr<google::protobuf::Message>>;

// Messages like this one, but for what no client of good will puts into the field: the smallest and
// the largest numbers, unknown enumerators, values of all types and of none, times that are none,
// messages with such fields.
Messages spoilt(const google::protobuf::Message& good,
                const google::protobuf::FieldDescriptor& field);

}  // namespace mp::e2e
