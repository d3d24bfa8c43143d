#pragma once

#include <string>
#include <string_view>

#include "mp/v1/value.pb.h"
#include "server/objects/value.h"

namespace mp::server::test {

// In tests, values are written as Python writes them: 1, 2.5, 'alice', b'\x00', [1, (2,)], {'a':
// 1}, {1, 2}, set(), None, True, nan, inf. Beside that: ref(dict, 7), array(i, b'\x01\x00\x00\x00')
// and records as Point(x=1, y=2). Aborts on anything else.
v1::Value literal(std::string_view text);
Value value(std::string_view text);

std::string repr(const v1::Value& wire);
std::string repr(const Value& value);

}  // namespace mp::server::test
