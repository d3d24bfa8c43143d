#pragma once

#include <concepts>
#include <ranges>
#include <string_view>
#include <type_traits>

namespace mp::internal {

// Something with memory of its own that can be sent as it is: a vector of numbers, a span of bytes.
template <class R>
concept PlainMemory = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> &&
    std::is_trivially_copyable_v<std::ranges::range_value_t<R>> &&
    !std::convertible_to<const R&, std::string_view>;

// Bytes as an argument, whoever owns them.
class BytesView {
 public:
  template <std::convertible_to<std::string_view> Text>
  BytesView(const Text& text) : view_(text) {}  // of a literal, without the final NUL
  template <PlainMemory R>
  BytesView(const R& memory)
      : view_(reinterpret_cast<const char*>(std::ranges::data(memory)),
              std::ranges::size(memory) * sizeof(std::ranges::range_value_t<R>)) {}

  std::string_view view() const { return view_; }

 private:
  std::string_view view_;
};

}  // namespace mp::internal
