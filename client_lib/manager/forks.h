#pragma once

#include <memory>
#include <string>

namespace mp::internal {

class Session;

// Makes a session take part in the forks of this process: those of mp::Process, whose children get
// a session that refers to all that the parent's does, and raw fork(), whose children open one of
// their own.
void register_session(const std::shared_ptr<Session>& session);

// This process's session with the manager at this (packed) origin. If there is none it is made, and
// joined with its first call; it is kept until the next such session is made, or longer if it is
// used.
std::shared_ptr<Session> session_at(const std::string& origin);

}  // namespace mp::internal
