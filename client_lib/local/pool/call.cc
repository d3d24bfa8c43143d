#include <exception>
#include <string>

#include "client_lib/local/process/exit.h"
#include "mp/internal/pool_call.h"
#include "mp/internal/raised.h"

namespace mp::internal {

void TaskReply::add_written(const std::function<void()>& write) {
  const Pieces::Mark before = pieces_.mark();
  try {
    write();
  } catch (const std::exception& error) {
    pieces_.rewind(before);
    throw MaybeEncodingError(std::string("the result of a task can't be sent: ") + error.what());
  }
}

void TaskReply::add_current_exception() {
  std::string packed;
  try {
    throw;
  } catch (const ExitRequest&) {
    throw;
  } catch (...) {
    packed = pack_current_exception();
  }
  pieces_.mark_error();
  pieces_.add_part(packed);
}

void TaskReply::clear() {
  pieces_.clear();
  kept_.clear();
}

}  // namespace mp::internal
