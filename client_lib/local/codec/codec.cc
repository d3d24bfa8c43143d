#include <limits>
#include <string>

#include "mp/codec/concepts.h"
#include "mp/errors.h"
#include "mp/record.h"

namespace mp {

std::string_view name_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::kNone:
      return "None";
    case ValueKind::kBool:
      return "bool";
    case ValueKind::kInt:
    case ValueKind::kUint:
      return "int";
    case ValueKind::kFloat:
      return "float";
    case ValueKind::kStr:
      return "str";
    case ValueKind::kBytes:
      return "bytes";
    case ValueKind::kList:
      return "list";
    case ValueKind::kTuple:
      return "tuple";
    case ValueKind::kDict:
      return "dict";
    case ValueKind::kSet:
      return "set";
    case ValueKind::kRef:
      return "reference";
    case ValueKind::kArray:
      return "array";
    case ValueKind::kRecord:
      return "record";
  }
  return "unknown";
}

namespace internal {

void throw_mismatch(std::string_view expected, ValueKind found) {
  throw TypeError("expected " + std::string(expected) + ", found " + std::string(name_of(found)));
}

void throw_wrong_count(std::size_t expected, std::size_t found) {
  throw TypeError("expected " + std::to_string(expected) + " items, found " +
                  (found > expected ? "more" : std::to_string(found)));
}

void throw_out_of_range(std::string_view number, bool is_signed, std::size_t bytes) {
  const std::size_t bits = bytes * 8;
  const std::uint64_t most =
      std::numeric_limits<std::uint64_t>::max() >> (64 - bits + (is_signed ? 1 : 0));
  const std::string least = is_signed ? "-" + std::to_string(most + 1) : "0";
  throw ValueError(std::string(number) + " does not fit " + (is_signed ? "int" : "uint") +
                   std::to_string(bits) + " (" + least + " to " + std::to_string(most) + ")");
}

void throw_record_error(std::string_view type, std::string_view problem, std::string_view name) {
  throw TypeError("record " + std::string(type) + " " + std::string(problem) + " '" +
                  std::string(name) + "'");
}

}  // namespace internal

}  // namespace mp
