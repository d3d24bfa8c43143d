#include "server/flag_values.h"

#include <fcntl.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace mp::server {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Largest first: a default is shown in the largest unit that is whole.
constexpr std::array kTimes = {
    Unit{"h", 3'600'000'000'000}, Unit{"min", 60'000'000'000}, Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},           Unit{"ns", 1}};
constexpr std::array kSizes = {Unit{"GiB", 1ULL << 30U}, Unit{"MiB", 1ULL << 20U},
                               Unit{"KiB", 1ULL << 10U}, Unit{"B", 1}, Unit{"", 1}};

// Ten years: sums with the time of day stay within 64 bits of nanoseconds.
constexpr std::uint64_t kLongest = 87'600 * kTimes.front().factor;

template <class Units>
std::string show(std::uint64_t value, const Units& units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0)
      return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return "0";
}

// Nothing if it is no whole number with one of the units, or too large for 64 bits with a sign.
template <class Units>
std::optional<std::uint64_t> read(std::string_view text, const Units& units) {
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc()) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (number == 0 && name.empty()) return 0;
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

// CLI11 puts the name of the flag before the sentence.
[[noreturn]] void refuse(const std::string& text, const std::string& wanted) {
  throw CLI::ValidationError("'" + text + "' is not " + wanted);
}

// CLI11 breaks no lines of its own accord.
std::string wrapped(const std::string& help) {
  constexpr std::size_t kColumns = 84;
  std::string result;
  std::size_t column = 0;
  std::istringstream words(help);
  for (std::string word; words >> word; column += word.size() + 1) {
    if (column != 0 && column + word.size() > kColumns) {
      result += '\n';
      column = 0;
    } else if (column != 0) {
      result += ' ';
    }
    result += word;
  }
  return result;
}

CLI::Option* finish(CLI::Option* option, const std::string& flag, const std::string& type,
                    const std::string& shown) {
  option->type_name(type)
      ->envname(variable_of(flag))
      ->description(wrapped(option->get_description()));
  if (!shown.empty()) option->default_str(shown);
  return option;
}

}  // namespace

std::string variable_of(const std::string& flag) {
  std::string name = "MP";
  for (const char c : flag.substr(1)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

CLI::Option* add_text(CLI::App& app, const std::string& flag, std::string& value,
                      const std::string& type, const std::string& help) {
  const std::string shown = value;
  return finish(app.add_option(flag, value, help), flag, type, shown);
}

CLI::Option* add_duration(CLI::App& app, const std::string& flag, Duration& value,
                          const std::string& help) {
  const auto set = [&value](const std::string& text) {
    const auto nanoseconds = read(text, kTimes);
    if (!nanoseconds || *nanoseconds > kLongest) {
      refuse(text, "a duration such as 250ms, 10s, 5min or 1h, at most " + show(kLongest, kTimes));
    }
    value = Duration(static_cast<Duration::rep>(*nanoseconds));
  };
  const std::string shown = show(static_cast<std::uint64_t>(value.count()), kTimes);
  return finish(app.add_option_function<std::string>(flag, set, help), flag, "DURATION", shown);
}

CLI::Option* add_size(CLI::App& app, const std::string& flag, std::uint64_t& value,
                      std::uint64_t most, const std::string& help) {
  const auto set = [&value, most](const std::string& text) {
    const auto bytes = read(text, kSizes);
    if (!bytes || *bytes > most)
      refuse(text, "a size such as 4096, 64KiB or 1GiB, at most " + show(most, kSizes));
    value = *bytes;
  };
  return finish(app.add_option_function<std::string>(flag, set, help), flag, "SIZE",
                show(value, kSizes));
}

CLI::Option* add_count(CLI::App& app, const std::string& flag, std::uint64_t& value,
                       std::uint64_t least, std::uint64_t most, const std::string& help) {
  const auto set = [&value, least, most](const std::string& text) {
    std::uint64_t count = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (code != std::errc() || end != text.data() + text.size() || count < least || count > most) {
      refuse(text, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    value = count;
  };
  return finish(app.add_option_function<std::string>(flag, set, help), flag, "NUMBER",
                std::to_string(value));
}

CLI::Option* add_descriptor(CLI::App& app, const std::string& flag, int& value,
                            const std::string& help) {
  const auto check = [](const std::string& text) -> std::string {
    int fd = -1;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), fd);
    const bool whole = code == std::errc() && end == text.data() + text.size();
    return whole && fcntl(fd, F_GETFD) >= 0 ? "" : "'" + text + "' is not an open file descriptor";
  };
  return finish(app.add_option(flag, value, help)->check(check, ""), flag, "FD", "");
}

}  // namespace mp::server
