#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mp/bytes.h"
#include "mp/internal/inheritance.h"

namespace mp::internal {

// What all layers have to say, by their names.
using PackedInheritance = std::vector<std::pair<std::string, Bytes>>;

// Under a ForkTurn. Throws what they throw.
PackedInheritance pack_inheritance();

// In the child.
void unpack_inheritance(const PackedInheritance& packed);

}  // namespace mp::internal
