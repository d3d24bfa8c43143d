#pragma once

#include <CLI/App.hpp>
#include <CLI/Option.hpp>
#include <cstdint>
#include <string>

#include "server/objects/step.h"

namespace mp::server {

// Adds flags whose values have a unit: shown in --help with their defaults, refused with a
// sentence, and each also an environment variable: --max-objects is MP_MAX_OBJECTS.

CLI::Option* add_text(CLI::App& app, const std::string& flag, std::string& value,
                      const std::string& type, const std::string& help);
// 250ms, 10s, 5min, 1h.
CLI::Option* add_duration(CLI::App& app, const std::string& flag, Duration& value,
                          const std::string& help);
// 65536, 64KiB, 1GiB; at most `most`.
CLI::Option* add_size(CLI::App& app, const std::string& flag, std::uint64_t& value,
                      std::uint64_t most, const std::string& help);
CLI::Option* add_count(CLI::App& app, const std::string& flag, std::uint64_t& value,
                       std::uint64_t least, std::uint64_t most, const std::string& help);
// An open file descriptor; by default none.
CLI::Option* add_descriptor(CLI::App& app, const std::string& flag, int& value,
                            const std::string& help);

// The name of a flag's environment variable.
std::string variable_of(const std::string& flag);

}  // namespace mp::server
