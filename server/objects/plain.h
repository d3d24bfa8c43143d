#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/objects/value.h"

// The commonest requests and replies, between the wire's bytes and values without a message in
// between, which would take several times as long as the operation itself.

namespace mp::server {

// What a field of a plain request holds. Only what the generated parser and the operation would
// take as it is: all else is left to them.
enum class PlainField : std::uint8_t {
  kNothing,  // there is no such field
  kValue,    // mp.v1.Value: none, a bool, an int, a float, short bytes or short ASCII text
  kKey,      // the same but for floats, of which some are equal and not the same
  kText,     // string: short ASCII text, not empty
  kInt,      // sint64; absent: 0
  kEnum,     // not 0
};

// The fields 3, 4 and 5 of a plain request.
using PlainForm = std::array<PlainField, 3>;

// A request that names its object by its id and holds nothing else but the fields of its form, each
// of them once, and in order.
struct PlainRequest {
  std::uint64_t id = 0;
  std::array<Value, std::tuple_size_v<PlainForm>> values;

  // False: the bytes are not of this form, and are the generated parser's to judge.
  bool read(std::string_view bytes, const PlainForm& form, const ObjectLimits& limits);
};

// A reply of at most two fields, 1 and 2, in the order in which they are added.
class PlainReply {
 public:
  PlainReply() = default;
  PlainReply(const PlainReply&) = delete;  // it refers to its own
  PlainReply& operator=(const PlainReply&) = delete;

  // An mp.v1.Value, which lives until the reply is written.
  void value(const Value& value) { parts_[count_++] = {Part::kValue, &value, 0}; }
  // One that is the reply's own.
  void value(Value&& value) {
    kept_[count_] = std::move(value);
    this->value(kept_[count_]);
  }
  void truth(bool truth) { parts_[count_++] = {truth ? Part::kTrue : Part::kAbsent, nullptr, 0}; }
  // A string of one ASCII character.
  void letter(char letter) { parts_[count_++] = {Part::kLetter, nullptr, letter}; }

  // Are its values numbers, text, bytes, bools or none? Only then it can be written.
  bool is_plain() const;

 private:
  friend std::string plain_outcome(const struct OutcomeHead& head, std::uint32_t number,
                                   const PlainReply& reply);

  struct Part {
    enum Type : std::uint8_t { kAbsent, kTrue, kValue, kLetter };
    Type type = kAbsent;
    const Value* value = nullptr;
    char letter = 0;
  };

  std::array<Part, 2> parts_;
  std::array<Value, 2> kept_;
  std::size_t count_ = 0;
};

// What an outcome says beside its reply; 0: nothing.
struct OutcomeHead {
  std::uint64_t seq = 0;
  std::uint64_t version = 0;
  std::uint64_t watch_events = 0;
};

// The bytes of an mp.v1.Outcome: its head, and the reply in field `number`.
std::string plain_outcome(const OutcomeHead& head, std::uint32_t number, const PlainReply& reply);

}  // namespace mp::server
