#include "server/objects/shared_array.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> SharedArray::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum PlainField;
  static constexpr std::array kRows = {
      operation<&SharedArray::size, &In::shared_array_length, &Out::mutable_shared_array_length>(
          "Length", kReads),
      operation<&SharedArray::get, &In::shared_array_get, &Out::mutable_shared_array_get>("Get",
                                                                                          kReads)
          .plain<&SharedArray::get_plain>({kInt}),
      operation<&SharedArray::set, &In::shared_array_set, &Out::mutable_shared_array_set>("Set",
                                                                                          kMutates)
          .plain<&SharedArray::set_plain>({kInt, kValue}),
      operation<&SharedArray::update, &In::shared_array_update, &Out::mutable_shared_array_update>(
          "Update", kMutates)
          .plain<&SharedArray::update_plain>({kInt, kEnum, kValue}),
      operation<&SharedArray::compare_exchange, &In::shared_array_compare_exchange,
                &Out::mutable_shared_array_compare_exchange>("CompareExchange", kMutates),
      operation<&SharedArray::get_slice, &In::shared_array_get_slice,
                &Out::mutable_shared_array_get_slice>("GetSlice", kReads),
      operation<&SharedArray::set_slice, &In::shared_array_set_slice,
                &Out::mutable_shared_array_set_slice>("SetSlice", kMutates),
  };
  return kRows;
}

namespace {

// TYPE_ERROR, BAD_COMMAND or VALUE_ERROR unless these are numbers of this type.
absl::Status check(const v1::ArrayValue& values, NumberType type) {
  if (NumberType::find(values.typecode()) != type) {
    return error(v1::TYPE_ERROR, absl::StrCat("values of type '", values.typecode(),
                                              "' for an array of type '", type.typecode(), "'"));
  }
  if (!type.divides(values.data())) {
    return error(v1::BAD_COMMAND, absl::StrCat("not a packed array: ", values.data().size(),
                                               " bytes of type '", type.typecode(), "'"));
  }
  if (!type.all_valid(values.data())) {
    return error(v1::VALUE_ERROR, "a packed bool that is neither 0 nor 1");
  }
  return absl::OkStatus();
}

absl::Status require_room(std::uint64_t length, NumberType type, const ObjectLimits& limits) {
  if (absl::Status status = require_room(limits, 0, length); !status.ok()) return status;
  if (length > limits.max_bytes / type.size()) return too_large(limits);
  return absl::OkStatus();
}

template <class Request>
absl::StatusOr<SliceRange> range_of(const Request& request, std::size_t length) {
  v1::Slice slice;
  if (request.has_start()) slice.set_start(request.start());
  if (request.has_stop()) slice.set_stop(request.stop());
  if (request.has_step()) slice.set_step(request.step());
  return resolve(slice, length);
}

std::string repeated(const PackedNumber& number, std::size_t size, std::size_t count) {
  std::string packed;
  packed.reserve(size * count);
  for (std::size_t i = 0; i < count; ++i) packed.append(number.data(), size);
  return packed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SharedArray>> SharedArray::create(
    const v1::SharedArrayCreateRequest& request, const ObjectLimits& limits) {
  const absl::StatusOr<NumberType> type = NumberType::named(request.typecode());
  if (!type.ok()) return type.status();
  std::uint64_t length = request.length();
  if (request.has_values()) {
    if (absl::Status status = check(request.values(), *type); !status.ok()) return status;
    length = request.values().data().size() / type->size();
  }
  if (absl::Status status = require_room(length, *type, limits); !status.ok()) return status;
  return std::make_unique<SharedArray>(*type, request.has_values()
                                                  ? request.values().data()
                                                  : std::string(length * type->size(), '\0'));
}

std::uint64_t SharedArray::bytes_of(const v1::SharedArrayCreateRequest& request) {
  if (request.has_values()) return request.values().data().size();
  const std::optional<NumberType> type = NumberType::find(request.typecode());
  const std::uint64_t size = type ? type->size() : 1;
  return std::min(request.length(), std::numeric_limits<std::uint64_t>::max() / size) * size;
}

absl::Status SharedArray::require_match(const v1::SharedArrayCreateRequest& request) const {
  if (NumberType::find(request.typecode()) != type_) {
    return error(v1::WRONG_KIND, absl::StrCat("it is an array of type '", type_.typecode(),
                                              "', not '", request.typecode(), "'"));
  }
  const std::uint64_t length =
      request.has_values() ? request.values().data().size() / type_.size() : request.length();
  const bool says_one = request.has_values() || length != 0;
  if (!says_one || length == count()) return absl::OkStatus();
  return error(v1::WRONG_KIND,
               absl::StrCat("it is an array of length ", count(), ", not ", length));
}

absl::StatusOr<std::size_t> SharedArray::require(std::int64_t index) const {
  if (const auto place = place_of(index, count())) return *place;
  return error(v1::INDEX_ERROR,
               absl::StrCat("index ", index, " is out of range in an array of ", count()));
}

absl::StatusOr<PackedNumber> SharedArray::read(const v1::Value& wire, const Call& call) const {
  const absl::StatusOr<Value> value = call.read(wire);
  if (!value.ok()) return value.status();
  return type_.pack(*value);
}

PackedNumber SharedArray::number_at(std::size_t place) const {
  PackedNumber number{};
  std::memcpy(number.data(), data_.data() + place * type_.size(), type_.size());
  return number;
}

void SharedArray::store(std::size_t place, const PackedNumber& number) {
  std::memcpy(data_.data() + place * type_.size(), number.data(), type_.size());
}

void SharedArray::gather(const SliceRange& range, std::string& packed) const {
  const std::size_t size = type_.size();
  if (range.is_stretch()) {
    packed.assign(data_, range[0] * size, range.count * size);
    return;
  }
  packed.resize(range.count * size);
  for (std::size_t i = 0; i < range.count; ++i)
    std::memcpy(packed.data() + i * size, data_.data() + range[i] * size, size);
}

void SharedArray::scatter(const SliceRange& range, std::string_view packed) {
  const std::size_t size = type_.size();
  if (range.is_stretch()) {
    std::memcpy(data_.data() + range[0] * size, packed.data(), packed.size());
    return;
  }
  for (std::size_t i = 0; i < range.count; ++i)
    std::memcpy(data_.data() + range[i] * size, packed.data() + i * size, size);
}

void SharedArray::put(std::size_t place, const PackedNumber& number, Call& call) {
  if (call.watched())
    call.changed(Value::integer(static_cast<std::int64_t>(place)), value_at(place),
                 type_.unpack(number));
  if (call.undoable()) call.on_undo([this, place, old = number_at(place)] { store(place, old); });
  store(place, number);
}

void SharedArray::put(const SliceRange& range, std::string_view packed, Call& call) {
  if (call.watched()) call.changed_everything();
  if (call.undoable()) {
    std::string old;
    gather(range, old);
    const std::uint64_t bytes = old.size();
    call.on_undo([this, range, old = std::move(old)] { scatter(range, old); }, bytes);
  }
  scatter(range, packed);
}

absl::Status SharedArray::size(const v1::SharedArrayLengthRequest&,
                               v1::SharedArrayLengthReply& reply, Call&) const {
  reply.set_length(count());
  reply.set_typecode(type_.typecode());
  return absl::OkStatus();
}

absl::Status SharedArray::get(const v1::SharedArrayGetRequest& request,
                              v1::SharedArrayGetReply& reply, Call& call) const {
  const absl::StatusOr<std::size_t> place = require(request.index());
  if (!place.ok()) return place.status();
  call.write(value_at(*place), reply.mutable_value());
  return absl::OkStatus();
}

absl::Status SharedArray::set(const v1::SharedArraySetRequest& request,
                              v1::SharedArraySetReply& reply, Call& call) {
  const absl::StatusOr<PackedNumber> number = read(request.value(), call);
  if (!number.ok()) return number.status();
  const absl::StatusOr<std::size_t> place = require(request.index());
  if (!place.ok()) return place.status();
  call.write(value_at(*place), reply.mutable_previous());
  put(*place, *number, call);
  return absl::OkStatus();
}

absl::Status SharedArray::update(const v1::SharedArrayUpdateRequest& request,
                                 v1::SharedArrayUpdateReply& reply, Call& call) {
  const absl::StatusOr<Value> operand = call.read(request.operand());
  if (!operand.ok()) return operand.status();
  const absl::StatusOr<std::size_t> place = require(request.index());
  if (!place.ok()) return place.status();
  const PackedNumber number = number_at(*place);
  const absl::StatusOr<PackedNumber> result = type_.apply(request.operation(), number, *operand);
  if (!result.ok()) return result.status();
  call.write(type_.unpack(*result), reply.mutable_value());
  call.write(type_.unpack(number), reply.mutable_previous());
  put(*place, *result, call);
  return absl::OkStatus();
}

absl::Status SharedArray::compare_exchange(const v1::SharedArrayCompareExchangeRequest& request,
                                           v1::SharedArrayCompareExchangeReply& reply, Call& call) {
  const absl::StatusOr<PackedNumber> expected = read(request.expected(), call);
  if (!expected.ok()) return expected.status();
  const absl::StatusOr<PackedNumber> desired = read(request.desired(), call);
  if (!desired.ok()) return desired.status();
  const absl::StatusOr<std::size_t> place = require(request.index());
  if (!place.ok()) return place.status();
  call.write(value_at(*place), reply.mutable_actual());
  if (!type_.same(number_at(*place), *expected)) return call.alters_nothing();
  put(*place, *desired, call);
  reply.set_exchanged(true);
  return absl::OkStatus();
}

absl::Status SharedArray::get_slice(const v1::SharedArrayGetSliceRequest& request,
                                    v1::SharedArrayGetSliceReply& reply, Call&) const {
  const absl::StatusOr<SliceRange> range = range_of(request, count());
  if (!range.ok()) return range.status();
  reply.mutable_values()->set_typecode(type_.typecode());
  gather(*range, *reply.mutable_values()->mutable_data());
  return absl::OkStatus();
}

absl::Status SharedArray::set_slice(const v1::SharedArraySetSliceRequest& request,
                                    v1::SharedArraySetSliceReply&, Call& call) {
  const absl::StatusOr<SliceRange> range = range_of(request, count());
  if (!range.ok()) return range.status();
  if (request.has_fill()) {
    const absl::StatusOr<PackedNumber> number = read(request.fill(), call);
    if (!number.ok()) return number.status();
    if (range->count == 0) return call.alters_nothing();
    put(*range, repeated(*number, type_.size(), range->count), call);
    return absl::OkStatus();
  }
  if (!request.has_values()) {
    return error(v1::BAD_COMMAND, "a slice is set to values, or to one value to fill it with");
  }
  if (absl::Status status = check(request.values(), type_); !status.ok()) return status;
  const std::string& packed = request.values().data();
  if (packed.size() != range->count * type_.size()) {
    return error(v1::VALUE_ERROR, absl::StrCat("a slice of ", range->count, " numbers, and ",
                                               packed.size() / type_.size(), " values for it"));
  }
  if (range->count == 0) return call.alters_nothing();
  put(*range, packed, call);
  return absl::OkStatus();
}

std::size_t SharedArray::heap_bytes() const {
  const bool is_inline = data_.capacity() <= std::string().capacity();
  return is_inline ? 0 : data_.capacity() + 1;
}

}  // namespace mp::server
