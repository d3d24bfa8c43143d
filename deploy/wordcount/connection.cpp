#include "connection.h"

#include <cxxabi.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>
#include <typeinfo>

namespace wordcount {

void say(const std::string& line) { std::cerr << line + '\n'; }

std::string story_of(const mp::Error& error) {
  const std::unique_ptr<char, decltype(&std::free)> type(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, nullptr), &std::free);
  return std::string(type ? type.get() : typeid(error).name()) + ": " + error.what();
}

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  if (value == nullptr) value = otherwise;
  if (value == nullptr) throw std::runtime_error(std::string("the variable is not set: ") + name);
  return value;
}

namespace {

// Without the white space at its end.
std::string read_token(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read the token from " + path);
  std::string token{std::istreambuf_iterator<char>(file), {}};
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  return token;
}

template <class E>
bool is(const mp::Error& error) {
  return dynamic_cast<const E*>(&error) != nullptr;
}

}  // namespace

mp::Manager connect(const std::string& address) {
  return mp::Manager::connect(address, {.token = read_token(setting("MP_TOKEN_FILE")),
                                        .tls = {.ca = setting("WORDCOUNT_CA")}});
}

// Of a manager that was restarted old proxies are NoSuchObject. With a session its locks and
// permits are lost, which is a StaleTokenError where they are demanded and a NotOwnerError where
// they are given back.
bool means_lost(const mp::Error& error) {
  return is<mp::ManagerError>(error) || is<mp::NoSuchObject>(error) ||
         is<mp::StaleTokenError>(error) || is<mp::NotOwnerError>(error);
}

void pause_before_next_try() { std::this_thread::sleep_for(std::chrono::milliseconds(500)); }

}  // namespace wordcount
