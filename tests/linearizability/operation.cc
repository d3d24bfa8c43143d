#include "tests/linearizability/operation.h"

#include <array>
#include <sstream>
#include <utility>

namespace mp::linearizability {
namespace {

constexpr std::array kNames = {
    "get",         "set",    "add",      "fetch_add", "exchange",  "compare_exchange",
    "setdefault",  "pop",    "erase",    "append",    "pop_first", "size",
    "contains",    "put",    "put_many", "get_many",  "line_up",   "confirm",
    "unconfirmed", "return", "acquire",  "release",   "locked",    "clear",
    "wait",        "arrive", "depart",   "abort",     "reset",     "enlist",
    "notify",      "sleep",  "late",     "wake",      "move",      "take",
    "spoil",       "read",   "end",
};
static_assert(kNames.size() == static_cast<std::size_t>(Code::kEnd) + 1);

void write(const Numbers& numbers, std::ostream& out) {
  const char* separator = "[";
  for (const std::int64_t number : numbers) {
    out << std::exchange(separator, ", ");
    if (number == kAbsent) {
      out << "none";
    } else {
      out << number;
    }
  }
  if (!numbers.empty()) out << ']';
}

void write_result(const Operation& operation, std::ostream& out) {
  if (operation.pending()) out << " = ?";
  if (operation.refused()) out << " = refused";
  if (operation.done() && operation.value != kAbsent) out << " = " << operation.value;
  if (operation.extra != kAbsent) out << " (" << operation.extra << ')';
  if (!operation.got.empty()) write(operation.got, out << ' ');
  if (operation.unheard) out << ", unheard";
}

}  // namespace

std::string to_text(const Operation& operation, std::int64_t origin) {
  std::ostringstream out;
  out << "client " << operation.client << ": " << kNames[static_cast<std::size_t>(operation.code)]
      << '(';
  if (operation.argument != kAbsent) out << operation.argument;
  if (operation.desired != kAbsent) out << " -> " << operation.desired;
  write(operation.given, out);
  out << ')';
  write_result(operation, out);
  out << "   [" << (operation.invoked - origin) / 1000 << "..";
  if (operation.returned != kNever) out << (operation.returned - origin) / 1000;
  out << ']';
  return std::move(out).str();
}

void PrintTo(const Operation& operation, std::ostream* out) { *out << to_text(operation); }

}  // namespace mp::linearizability
