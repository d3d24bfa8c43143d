#pragma once

#include <exception>
#include <string>
#include <string_view>

// Exceptions on their way to another process.

namespace mp::internal {

// The exception that is being handled.
std::string pack_current_exception();

// The same again: see RaisedInWorker. Errors: ValueError if it is none.
std::exception_ptr unpack_exception(std::string_view bytes);

// The text of an exception, with its type: `mp::ValueError: text`.
std::string describe(const std::exception_ptr& error);

}  // namespace mp::internal
