#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "mp/codec/concepts.h"
#include "mp/errors.h"

// Makes a struct a record: on the wire it has the name of its type and of its fields, so that a
// person can read it, and so that fields can be put into another order. Stands in the namespace of
// the type, after it; the type must have a default constructor, and the fields must be accessible.
// At most 64 fields.
//
//   struct Point { double x = 0, y = 0; };
//   MP_RECORD(Point, x, y)
//
//   points["home"] = Point{1, 2};     // grpcurl shows the type Point and its fields x and y
//
// Reading one demands the same type name and the same fields, in any order.
// Errors: TypeError, with the field's name, for an unknown, missing or mistyped field.
#define MP_RECORD(Type, ...)                                                    \
  [[maybe_unused]] constexpr auto mp_describe_record(const Type*) {             \
    using MpType = Type;                                                        \
    return ::mp::internal::describe_record<MpType>(                             \
        #Type __VA_OPT__(, MP_INTERNAL_EACH(MP_INTERNAL_MEMBER, __VA_ARGS__))); \
  }

#define MP_INTERNAL_MEMBER(name) \
  ::mp::internal::RecordField { #name, &MpType::name }

// Applies a macro to each of at most 64 arguments, with commas between.
#define MP_INTERNAL_EXPAND(...) MP_INTERNAL_EXPAND_4(MP_INTERNAL_EXPAND_4(__VA_ARGS__))
#define MP_INTERNAL_EXPAND_4(...) MP_INTERNAL_EXPAND_3(MP_INTERNAL_EXPAND_3(__VA_ARGS__))
#define MP_INTERNAL_EXPAND_3(...) MP_INTERNAL_EXPAND_2(MP_INTERNAL_EXPAND_2(__VA_ARGS__))
#define MP_INTERNAL_EXPAND_2(...) MP_INTERNAL_EXPAND_1(MP_INTERNAL_EXPAND_1(__VA_ARGS__))
#define MP_INTERNAL_EXPAND_1(...) MP_INTERNAL_EXPAND_0(MP_INTERNAL_EXPAND_0(__VA_ARGS__))
#define MP_INTERNAL_EXPAND_0(...) MP_INTERNAL_EXPAND_X(MP_INTERNAL_EXPAND_X(__VA_ARGS__))
#define MP_INTERNAL_EXPAND_X(...) __VA_ARGS__
#define MP_INTERNAL_PARENS ()
#define MP_INTERNAL_EACH(macro, ...) MP_INTERNAL_EXPAND(MP_INTERNAL_STEP(macro, __VA_ARGS__))
#define MP_INTERNAL_STEP(macro, first, ...) \
  macro(first) __VA_OPT__(, MP_INTERNAL_AGAIN MP_INTERNAL_PARENS(macro, __VA_ARGS__))
#define MP_INTERNAL_AGAIN() MP_INTERNAL_STEP

namespace mp {

namespace internal {

template <class T, class Member>
struct RecordField {
  std::string_view name;
  Member T::*member;
};
// Clang before 17 deduces nothing for aggregates by itself.
template <class T, class Member>
RecordField(const char*, Member T::*) -> RecordField<T, Member>;

template <class T, class... Members>
struct RecordDescription {
  static constexpr std::size_t kCount = sizeof...(Members);
  std::string_view type;
  std::tuple<RecordField<T, Members>...> fields;
};

template <class T, class... Members>
constexpr RecordDescription<T, Members...> describe_record(std::string_view type,
                                                           RecordField<T, Members>... fields) {
  return {type, {fields...}};
}

// A type with an MP_RECORD.
template <class T>
concept DescribedRecord = requires {
  mp_describe_record(static_cast<const T*>(nullptr));
};

[[noreturn]] void throw_record_error(std::string_view type, std::string_view problem,
                                     std::string_view name);

}  // namespace internal

template <internal::DescribedRecord T>
struct Codec<T> {
  static constexpr KindSet kKinds{ValueKind::kRecord};

  template <class Sink>
  static void write(Sink& out, const T& item) {
    out.record(kDescription.type, kDescription.kCount, [&] {
      std::apply(
          [&](const auto&... fields) { (out.field(fields.name, item.*(fields.member)), ...); },
          kDescription.fields);
    });
  }

  template <class Source>
  static T read(Source& in) {
    T item{};
    std::array<bool, kDescription.kCount> found{};
    auto record = in.record();
    if (record.type() != kDescription.type) {
      internal::throw_record_error(kDescription.type, "expected, found a", record.type());
    }
    while (record.next()) {
      const std::string name(record.name());
      if (!read_field(record, name, item, found)) {
        internal::throw_record_error(kDescription.type, "has no field", name);
      }
    }
    check_complete(found);
    return item;
  }

 private:
  static constexpr auto kDescription = mp_describe_record(static_cast<const T*>(nullptr));
  using Found = std::array<bool, kDescription.kCount>;

  // False if there is no field of this name.
  template <class Record>
  static bool read_field(Record& record, std::string_view name, T& item, Found& found) {
    std::size_t index = 0;
    const auto try_one = [&](const auto& field) {
      const std::size_t mine = index++;
      if (field.name != name) return false;
      read_member(record, name, item.*(field.member));
      found[mine] = true;
      return true;
    };
    return std::apply([&](const auto&... fields) { return (try_one(fields) || ...); },
                      kDescription.fields);
  }

  template <class Record, class Member>
  static void read_member(Record& record, std::string_view name, Member& member) {
    try {
      member = Codec<Member>::read(record.value());
    } catch (const TypeError& error) {
      throw TypeError(path_of(name) + error.what());
    } catch (const ValueError& error) {
      throw ValueError(path_of(name) + error.what());
    }
  }

  static std::string path_of(std::string_view name) {
    return std::string(kDescription.type).append(".").append(name).append(": ");
  }

  static void check_complete(const Found& found) {
    std::size_t index = 0;
    const auto check = [&](const auto& field) {
      if (!found[index++]) {
        internal::throw_record_error(kDescription.type, "lacks the field", field.name);
      }
    };
    std::apply([&](const auto&... fields) { (check(fields), ...); }, kDescription.fields);
  }
};

}  // namespace mp
