#include "server/objects/value.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {
constexpr unsigned char kOnHeap = 0xff;
constexpr std::size_t kInline = 14;

bool is_composite(Value::Type type) {
  switch (type) {
    case Value::Type::kList:
    case Value::Type::kTuple:
    case Value::Type::kDict:
    case Value::Type::kSet:
    case Value::Type::kRecord:
      return true;
    default:
      return false;
  }
}
}  // namespace

// Shared by copies, never changed after it was made.
struct Value::Block {
  std::atomic<std::uint32_t> references{1};
};

// The bytes follow the header, in the same allocation.
struct Value::TextBlock : Block {
  static TextBlock* make(std::string_view text) {
    auto* block = new (::operator new(sizeof(TextBlock) + text.size())) TextBlock;
    block->size = text.size();
    std::memcpy(block->data(), text.data(), text.size());
    return block;
  }
  static void destroy(TextBlock* block) {
    block->~TextBlock();
    ::operator delete(block);
  }
  char* data() { return reinterpret_cast<char*>(this + 1); }

  std::size_t size = 0;
};

struct Value::CompositeBlock : Block {
  explicit CompositeBlock(Items content) : items(std::move(content)) {}
  const Items items;
};

template <class T>
Value Value::scalar(Type type, T value) {
  static_assert(sizeof(T) == 8);
  Value result;
  result.data_[0] = static_cast<unsigned char>(type);
  std::memcpy(result.data_.data() + 8, &value, sizeof value);
  return result;
}

Value Value::none() { return scalar(Type::kNone, std::uint64_t{0}); }
Value Value::boolean(bool b) { return scalar(Type::kBool, std::uint64_t{b}); }
Value Value::integer(std::int64_t i) { return scalar(Type::kInt, i); }
Value Value::uint(std::uint64_t u) {
  return u > static_cast<std::uint64_t>(INT64_MAX) ? scalar(Type::kUint, u)
                                                   : integer(static_cast<std::int64_t>(u));
}
Value Value::real(double d) { return scalar(Type::kFloat, d); }
Value Value::str(std::string_view text) { return text_of(Type::kStr, text); }
Value Value::bytes(std::string_view data) { return text_of(Type::kBytes, data); }

Value Value::ref(std::uint64_t id, Kind kind) {
  Value result = scalar(Type::kRef, id);
  result.data_[1] = static_cast<unsigned char>(kind);
  return result;
}

Value Value::text_of(Type type, std::string_view text) {
  if (text.size() > kInline) return on_block(type, TextBlock::make(text));
  Value result;
  result.data_[0] = static_cast<unsigned char>(type);
  result.data_[1] = static_cast<unsigned char>(text.size());
  std::memcpy(result.data_.data() + 2, text.data(), text.size());
  return result;
}

Value Value::array(char typecode, std::string_view data) {
  Value result = on_block(Type::kArray, TextBlock::make(data));
  result.data_[2] = static_cast<unsigned char>(typecode);
  return result;
}

Value Value::composite(Type type, Items items) {
  items.items.shrink_to_fit();
  for (const Value& item : items.items) items.has_refs = items.has_refs || item.has_refs();
  return on_block(type, new CompositeBlock(std::move(items)));
}

Value Value::on_block(Type type, Block* block) {
  Value result = scalar(type, block);
  result.data_[1] = kOnHeap;
  return result;
}

bool Value::on_heap() const { return data_[1] == kOnHeap && type() != Type::kRef; }

Value::Value(const Value& other) noexcept : data_(other.data_) {
  if (on_heap()) block()->references.fetch_add(1, std::memory_order_relaxed);
}

Value& Value::operator=(const Value& other) noexcept {
  if (this != &other) *this = Value(other);
  return *this;
}

Value& Value::operator=(Value&& other) noexcept {
  const auto mine = data_;  // three times two words; std::swap goes byte by byte
  data_ = other.data_;
  other.data_ = mine;
  return *this;
}

Value::~Value() {
  if (!on_heap() || block()->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (is_composite(type())) {
    delete static_cast<CompositeBlock*>(block());
  } else {
    TextBlock::destroy(static_cast<TextBlock*>(block()));
  }
}

std::string_view Value::text() const {
  if (on_heap()) {
    auto* text = static_cast<TextBlock*>(block());
    return {text->data(), text->size};
  }
  return {reinterpret_cast<const char*>(data_.data()) + 2, data_[1]};
}

const Value::Items& Value::items() const { return static_cast<CompositeBlock*>(block())->items; }

bool Value::has_refs() const {
  return type() == Type::kRef || (is_composite(type()) && items().has_refs);
}

void Value::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  if (type() == Type::kRef) {
    visit(ref_id());
  } else if (has_refs()) {
    for (const Value& item : items().items) item.visit_refs(visit);
  }
}

std::uint64_t Value::counted_bytes() const {
  if (type() == Type::kStr || type() == Type::kBytes || type() == Type::kArray)
    return text().size();
  if (!is_composite(type())) return 0;
  const Items& content = items();
  std::uint64_t total =
      content.type.size() + content.data.size() + content.items.size() * sizeof(Value);
  for (const Value& item : content.items) total += item.counted_bytes();
  return total;
}

std::size_t Value::heap_bytes() const {
  if (!on_heap()) return 0;
  if (!is_composite(type())) return sizeof(TextBlock) + text().size();
  const Items& composite = items();
  std::size_t total = sizeof(CompositeBlock) + composite.data.capacity() +
                      composite.items.capacity() * sizeof(Value);
  for (const Value& item : composite.items) total += item.heap_bytes();
  return total;
}

bool same_key(const Value& a, const Value& b) {
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case Value::Type::kAbsent:
    case Value::Type::kNone:
      return true;
    case Value::Type::kFloat:
      return a.as_float() == b.as_float();
    case Value::Type::kStr:
    case Value::Type::kBytes:
      return a.text() == b.text();
    case Value::Type::kArray:
      return a.typecode() == b.typecode() && a.text() == b.text();
    case Value::Type::kList:
    case Value::Type::kTuple:
    case Value::Type::kDict:
    case Value::Type::kSet:
    case Value::Type::kRecord: {
      const Value::Items& x = a.items();
      const Value::Items& y = b.items();
      if (x.type != y.type || x.data != y.data || x.items.size() != y.items.size()) return false;
      for (std::size_t i = 0; i < x.items.size(); ++i) {
        if (!same_key(x.items[i], y.items[i])) return false;
      }
      return true;
    }
    default:
      return a.as_uint() == b.as_uint();
  }
}

std::uint64_t Value::hash() const {
  switch (type()) {
    case Type::kStr:
    case Type::kBytes:
      return absl::HashOf(data_[0], absl::string_view(text().data(), text().size()));
    case Type::kTuple:
    case Type::kRecord: {
      std::uint64_t hash = absl::HashOf(data_[0], items().type);
      for (const Value& item : items().items) hash = absl::HashOf(hash, item.hash());
      return hash;
    }
    case Type::kFloat:
      return absl::HashOf(data_[0], as_float());  // one for 0.0 and -0.0, which a tuple may hold
    default:
      return absl::HashOf(data_[0], as_uint());
  }
}

absl::Status Value::check_key() const {
  switch (type()) {
    case Type::kFloat:
      if (std::isnan(as_float())) {
        return error(v1::VALUE_ERROR, "NaN can't be a key: it equals nothing, itself included");
      }
      return absl::OkStatus();
    case Type::kList:
    case Type::kDict:
    case Type::kSet:
    case Type::kArray:
      return error(v1::TYPE_ERROR,
                   absl::StrCat("unhashable type as a key: '", std::string(type_name()), "'"));
    case Type::kTuple:
    case Type::kRecord:
      for (const Value& item : items().items) {
        if (absl::Status status = item.check_key(); !status.ok()) return status;
      }
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

std::string_view Value::type_name() const {
  static constexpr std::array<std::string_view, 15> kNames = {
      "absent", "None",  "bool", "int", "int", "float", "str",   "bytes",
      "list",   "tuple", "dict", "set", "ref", "array", "record"};
  return kNames[static_cast<std::size_t>(type())];
}

std::string brief(const Value& value) {
  switch (value.type()) {
    case Value::Type::kAbsent:
      return "nothing";
    case Value::Type::kNone:
      return "None";
    case Value::Type::kBool:
      return value.as_bool() ? "True" : "False";
    case Value::Type::kInt:
      return absl::StrCat(value.as_int());
    case Value::Type::kUint:
      return absl::StrCat(value.as_uint());
    case Value::Type::kFloat:
      return absl::StrCat(value.as_float());
    case Value::Type::kStr: {
      std::size_t size = std::min<std::size_t>(value.text().size(), 60);
      const auto continues = [&](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
      };
      while (size < value.text().size() && continues(value.text()[size]))
        --size;  // whole characters only
      const std::string text(value.text().substr(0, size));
      return absl::StrCat("'", text, text.size() < value.text().size() ? "…'" : "'");
    }
    case Value::Type::kBytes:
      return absl::StrCat("bytes of length ", value.text().size());
    case Value::Type::kRef:
      return absl::StrCat(std::string(name_of(value.ref_kind())), " ", value.ref_id());
    case Value::Type::kArray:
      return absl::StrCat("array of ", value.text().size(), " bytes");
    default:
      return absl::StrCat(std::string(value.type_name()), " of ", value.items().items.size(),
                          " items");
  }
}

}  // namespace mp::server
