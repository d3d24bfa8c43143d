#pragma once

#include <string>
#include <string_view>
#include <typeinfo>

namespace mp::internal {

// As one writes it in C++: `mp::ValueError`.
std::string readable_name(const std::type_info& type);

// One whole line on standard error, under the name of this process: `Process Process-1: text`.
void report(std::string_view text) noexcept;
// The same, under another name.
void report_as(std::string_view name, std::string_view text) noexcept;

// The exception being handled: `mp::ValueError: text`.
std::string describe_current_exception();

// In such a line: `Process Process-1: mp::ValueError: text`.
void report_uncaught_exception() noexcept;

}  // namespace mp::internal
