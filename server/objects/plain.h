#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/objects/value.h"

// The commonest requests and replies, between the wire's bytes and values without a message in
// between, which would take several times as long as the operation itself.

namespace mp::server {

// A request that names its object by its id and holds nothing else but one or two plain values:
// none, a bool, an int, short bytes or short ASCII text; every field once, and in order.
struct PlainRequest {
  std::uint64_t id = 0;
  std::array<Value, 2> values;  // of the fields 3 and 4
  std::size_t count = 0;        // of them

  // False: the bytes are not of this form, and are the generated parser's to judge.
  bool read(std::string_view bytes, const ObjectLimits& limits);
};

// Is it a number, text, bytes, a bool or none? What is, plain_outcome() can write.
bool is_plain(const Value& value);

// What an outcome says beside its reply; 0: nothing.
struct OutcomeHead {
  std::uint64_t seq = 0;
  std::uint64_t version = 0;
  std::uint64_t watch_events = 0;
};

// The bytes of an mp.v1.Outcome: its head, and in field `number` a reply that is empty, or whose
// field 1 is `value`.
std::string plain_outcome(const OutcomeHead& head, std::uint32_t number, const Value* value);

}  // namespace mp::server
