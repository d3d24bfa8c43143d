#include "tests/unit/objects/literal.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace mp::server::test {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : all_(text), rest_(text) {}

  v1::Value parse() {
    v1::Value value;
    item(&value);
    if (!peek("")) fail();
    return value;
  }

 private:
  [[noreturn]] void fail() const {
    std::fprintf(stderr, "not a literal: %s, from: %s\n", std::string(all_).c_str(),
                 std::string(rest_).c_str());
    std::abort();
  }

  // Is `token` next? The empty token stands for the end.
  bool peek(std::string_view token) {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    return token.empty() ? rest_.empty() : rest_.starts_with(token);
  }
  bool accept(std::string_view token) {
    if (!peek(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail();
  }
  template <class Accepted>
  std::string_view take_while(Accepted accepted) {
    std::size_t size = 0;
    while (size < rest_.size() && accepted(rest_[size])) ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // Calls one() for each item up to `close`; true if the last one had a comma after it.
  template <class One>
  bool items_until(std::string_view close, One one) {
    bool comma = false;
    while (!accept(close)) {
      one();
      comma = accept(",");
      if (!comma && !peek(close)) fail();
    }
    return comma;
  }

  void item(v1::Value* out) {
    peek("");
    if (rest_.empty()) fail();
    const char first = rest_.front();
    if (first == '\'') return out->set_str(quoted());
    if (accept("b'")) {
      rest_ = {rest_.data() - 1, rest_.size() + 1};
      return out->set_bytes(quoted());
    }
    if (accept("[")) {
      items_until("]", [&] { item(out->mutable_list()->add_items()); });
      out->mutable_list();
      return;
    }
    if (accept("(")) return tuple(out);
    if (accept("{")) return braces(out);
    if (absl::ascii_isdigit(static_cast<unsigned char>(first)) || first == '-') return number(out);
    word(out);
  }

  // Of Python's escapes those that repr() writes, and \n.
  std::string quoted() {
    expect("'");
    std::string text;
    while (!rest_.starts_with("'")) {
      if (rest_.size() < 2) fail();
      std::size_t taken = 1;
      if (rest_.starts_with("\\x")) {
        taken = 4;
        text += absl::HexStringToBytes({rest_.data() + 2, 2});
      } else if (rest_.front() == '\\') {
        taken = 2;
        text += rest_[1] == 'n' ? '\n' : rest_[1];
      } else {
        text += rest_.front();
      }
      rest_.remove_prefix(taken);
    }
    rest_.remove_prefix(1);
    return text;
  }

  void tuple(v1::Value* out) {
    v1::TupleValue parsed;
    const bool comma = items_until(")", [&] { item(parsed.add_items()); });
    if (parsed.items_size() == 1 && !comma) fail();
    *out->mutable_tuple() = parsed;
  }

  void braces(v1::Value* out) {
    out->mutable_dict();
    items_until("}", [&] {
      v1::Value first;
      item(&first);
      if (accept(":")) {
        v1::Entry* entry = out->mutable_dict()->add_entries();
        *entry->mutable_key() = first;
        item(entry->mutable_value());
      } else {
        *out->mutable_set()->add_items() = first;
      }
    });
  }

  void number(v1::Value* out) {
    const std::string_view text = take_while([](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '+';
    });
    const char* end = text.data() + text.size();
    std::int64_t i = 0;
    std::uint64_t u = 0;
    double d = 0;
    if (std::from_chars(text.data(), end, i) == std::from_chars_result{end, std::errc()}) {
      out->set_int_(i);
    } else if (std::from_chars(text.data(), end, u) == std::from_chars_result{end, std::errc()}) {
      out->set_uint(u);
    } else if (std::from_chars(text.data(), end, d) == std::from_chars_result{end, std::errc()}) {
      out->set_float_(d);
    } else {
      fail();
    }
  }

  void word(v1::Value* out) {
    const std::string_view name = take_while([](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
    });
    if (name == "None") return out->set_none(v1::NONE);
    if (name == "True" || name == "False") return out->set_bool_(name == "True");
    if (name == "nan") return out->set_float_(std::numeric_limits<double>::quiet_NaN());
    if (name == "inf") return out->set_float_(std::numeric_limits<double>::infinity());
    expect("(");
    if (name == "set") {
      out->mutable_set();
      return expect(")");
    }
    call(name, out);
  }

  void call(std::string_view name, v1::Value* out) {
    const auto is_word = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); };
    if (name == "ref" || name == "array") {
      const std::string first(take_while(is_word));
      expect(",");
      v1::Value second;
      item(&second);
      expect(")");
      if (name == "ref") {
        out->mutable_ref()->set_kind(first);
        out->mutable_ref()->set_id(static_cast<std::uint64_t>(second.int_()));
      } else {
        out->mutable_array()->set_typecode(first);
        out->mutable_array()->set_data(second.bytes());
      }
      return;
    }
    v1::RecordValue* record = out->mutable_record();
    record->set_type(std::string(name));
    items_until(")", [&] {
      v1::Field* field = record->add_fields();
      peek("");
      field->set_name(std::string(take_while(is_word)));
      expect("=");
      item(field->mutable_value());
    });
  }

  std::string_view all_;
  std::string_view rest_;
};

// Quoted and escaped; of a str, what is not ASCII stays as it is.
std::string repr_text(std::string_view text, bool is_str) {
  std::string result = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      result += {'\\', c};
    } else if (absl::ascii_isprint(byte) || (is_str && byte >= 0x80)) {
      result += c;
    } else {
      absl::StrAppend(&result, "\\x", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return result + "'";
}

std::string repr_float(double d) {
  if (std::isnan(d)) return "nan";
  if (std::isinf(d)) return d > 0 ? "inf" : "-inf";
  char buffer[32];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, d).ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

template <class Items, class One>
std::string joined(std::string_view open, const Items& items, std::string_view close, One one) {
  std::string text(open);
  for (int i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ", ") + one(items[i]);
  return text.append(close);
}

}  // namespace

v1::Value literal(std::string_view text) { return Parser(text).parse(); }

Value value(std::string_view text) {
  absl::StatusOr<Value> result = Value::from_wire(literal(text), ObjectLimits());
  if (!result.ok()) {
    std::fprintf(stderr, "%s: %s\n", std::string(text).c_str(), result.status().ToString().c_str());
    std::abort();
  }
  return *std::move(result);
}

std::string repr(const v1::Value& wire) {
  const auto one = [](const v1::Value& item) { return repr(item); };
  switch (wire.kind_case()) {
    case v1::Value::KIND_NOT_SET:
      return "absent";
    case v1::Value::kNone:
      return "None";
    case v1::Value::kBool:
      return wire.bool_() ? "True" : "False";
    case v1::Value::kInt:
      return absl::StrCat(wire.int_());
    case v1::Value::kUint:
      return absl::StrCat(wire.uint());
    case v1::Value::kFloat:
      return repr_float(wire.float_());
    case v1::Value::kStr:
      return repr_text(wire.str(), true);
    case v1::Value::kBytes:
      return "b" + repr_text(wire.bytes(), false);
    case v1::Value::kList:
      return joined("[", wire.list().items(), "]", one);
    case v1::Value::kTuple:
      return joined("(", wire.tuple().items(), wire.tuple().items_size() == 1 ? ",)" : ")", one);
    case v1::Value::kDict:
      return joined("{", wire.dict().entries(), "}", [](const v1::Entry& entry) {
        return absl::StrCat(repr(entry.key()), ": ", repr(entry.value()));
      });
    case v1::Value::kSet:
      return wire.set().items().empty() ? "set()" : joined("{", wire.set().items(), "}", one);
    case v1::Value::kRef:
      return absl::StrCat("ref(", wire.ref().kind(), ", ", wire.ref().id(), ")");
    case v1::Value::kArray:
      return absl::StrCat("array(", wire.array().typecode(), ", b",
                          repr_text(wire.array().data(), false), ")");
    case v1::Value::kRecord:
      return joined(wire.record().type() + "(", wire.record().fields(), ")",
                    [](const v1::Field& field) {
                      return absl::StrCat(field.name(), "=", repr(field.value()));
                    });
  }
  return "?";
}

std::string repr(const Value& value) {
  v1::Value wire;
  value.to_wire(&wire);
  return repr(wire);
}

}  // namespace mp::server::test
