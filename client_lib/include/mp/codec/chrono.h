#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <ratio>

#include "mp/codec/concepts.h"
#include "mp/codec/scalars.h"

namespace mp {

namespace internal {

// A period of which a nanosecond is a whole fraction.
template <class Period>
concept WholeNanoseconds = (std::ratio_divide<Period, std::nano>::den == 1);

}  // namespace internal

// A duration of whole ticks is an int, in nanoseconds whatever its unit; one of floating ticks is a
// float, in seconds (as Python counts time). Each can be read as the other.
//
// Errors: ValueError for more than 292 years, or for a fraction of a tick.
template <internal::WholeNumber Rep, internal::WholeNanoseconds Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  static constexpr KindSet kKinds{ValueKind::kInt};

  template <class Sink>
  static void write(Sink& out, Duration duration) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kTick;
    if (!std::in_range<std::int64_t>(duration.count()) ||
        std::cmp_greater(duration.count(), kMost) || std::cmp_less(duration.count(), -kMost)) {
      throw ValueError("a duration of more than 292 years cannot be counted in nanoseconds");
    }
    out.integer(static_cast<std::int64_t>(duration.count()) * kTick);
  }

  template <class Source>
  static Duration read(Source& in) {
    const std::int64_t nanoseconds =
        in.kind() == ValueKind::kFloat ? from_seconds(in.floating()) : in.integer();
    if (nanoseconds % kTick != 0) {
      throw ValueError(std::to_string(nanoseconds) + " ns are not a whole number of ticks of " +
                       std::to_string(kTick) + " ns");
    }
    return Duration(internal::checked_number<Rep>(nanoseconds / kTick));
  }

 private:
  static constexpr std::int64_t kTick = std::ratio_divide<Period, std::nano>::num;

  static std::int64_t from_seconds(double seconds) {
    constexpr double kMost = 9.2e9;
    if (!(std::abs(seconds) < kMost)) throw ValueError("the duration is out of range");
    return static_cast<std::int64_t>(std::llround(seconds * 1e9));
  }
};

template <std::floating_point Rep, class Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  using Seconds = std::chrono::duration<double>;
  static constexpr KindSet kKinds{ValueKind::kFloat};

  template <class Sink>
  static void write(Sink& out, Duration duration) {
    out.floating(Seconds(duration).count());
  }
  template <class Source>
  static Duration read(Source& in) {
    if (in.kind() == ValueKind::kFloat) return Duration(Seconds(in.floating()));
    return Duration(std::chrono::nanoseconds(in.integer()));
  }
};

// A time of the system clock is the duration since its epoch, 1970.
template <Codable D>
struct Codec<std::chrono::time_point<std::chrono::system_clock, D>> {
  using Time = std::chrono::time_point<std::chrono::system_clock, D>;
  static constexpr KindSet kKinds = internal::kinds_of<D>();

  template <class Sink>
  static void write(Sink& out, Time time) {
    out.write(time.time_since_epoch());
  }
  template <class Source>
  static Time read(Source& in) {
    return Time(Codec<D>::read(in));
  }
};

}  // namespace mp
