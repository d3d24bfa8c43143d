#include "tests/linearizability/operation.h"

#include <array>
#include <sstream>

namespace mp::linearizability {
namespace {

constexpr std::array kNames = {
    "get",        "set",  "add",    "fetch_add", "exchange",  "compare_exchange",
    "setdefault", "pop",  "erase",  "append",    "pop_first", "size",
    "contains",   "put",  "return", "acquire",   "release",   "locked",
    "clear",      "wait", "arrive", "depart",    "abort",     "reset",
    "enlist",     "end",
};
static_assert(kNames.size() == static_cast<std::size_t>(Code::kEnd) + 1);

void write_result(const Operation& operation, std::ostream& out) {
  if (operation.pending()) out << " = ?";
  if (operation.refused()) out << " = refused";
  if (operation.done() && operation.value != kAbsent) out << " = " << operation.value;
  if (operation.extra != kAbsent) out << " (" << operation.extra << ')';
}

}  // namespace

std::string to_text(const Operation& operation, std::int64_t origin) {
  std::ostringstream out;
  out << "client " << operation.client << ": " << kNames[static_cast<std::size_t>(operation.code)]
      << '(';
  if (operation.argument != kAbsent) out << operation.argument;
  if (operation.desired != kAbsent) out << " -> " << operation.desired;
  out << ')';
  write_result(operation, out);
  out << "   [" << (operation.invoked - origin) / 1000 << "..";
  if (operation.returned != kNever) out << (operation.returned - origin) / 1000;
  out << ']';
  return std::move(out).str();
}

void PrintTo(const Operation& operation, std::ostream* out) { *out << to_text(operation); }

}  // namespace mp::linearizability
