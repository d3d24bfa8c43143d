#pragma once

#include <memory>

namespace mp::internal {

class Session;

// Makes a session take part in the forks of this process: those of mp::Process, whose children get
// a session that refers to all that the parent's does, and raw fork(), whose children open one of
// their own.
void register_session(const std::shared_ptr<Session>& session);

}  // namespace mp::internal
