#include "client_lib/local/process/uncaught.h"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <typeinfo>

#include "mp/current_process.h"

namespace mp::internal {
std::string readable_name(const std::type_info& type) {
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, nullptr), std::free);
  std::string name = demangled ? demangled.get() : type.name();
  // The tag of libstdc++'s new string, which nobody wrote in their code.
  constexpr std::string_view kTag = "__cxx11::";
  for (auto at = name.find(kTag); at != std::string::npos; at = name.find(kTag)) {
    name.erase(at, kTag.size());
  }
  return name;
}

std::string describe_current_exception() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  const std::string name = type != nullptr ? readable_name(*type) : "unknown exception";
  try {
    throw;
  } catch (const std::exception& error) {
    return name + ": " + error.what();
  } catch (...) {
    return "exception of type " + name;
  }
}

void report(std::string_view text) noexcept {
  try {
    report_as(current_process().name(), text);
  } catch (...) {
    return;  // nobody is left to tell
  }
}

void report_as(std::string_view name, std::string_view text) noexcept {
  try {
    std::string line = "Process ";
    line.append(name).append(": ").append(text) += '\n';
    // In one piece: lines of several children must not run into one another.
    std::cerr.write(line.data(), static_cast<std::streamsize>(line.size())).flush();
  } catch (...) {
    return;  // nobody is left to tell
  }
}

void report_uncaught_exception() noexcept {
  try {
    report(describe_current_exception());
  } catch (...) {
    report("an exception, and no memory to describe it");
  }
}

}  // namespace mp::internal
