#pragma once

// How the programs of the word count reach the manager, and what they do when it is lost.

#include <mp/mp.h>

#include <exception>
#include <string>

namespace wordcount {

// Writes a line to the standard error, which is the story of a run; results go to standard output.
void say(const std::string& line);

// "mp::ManagerUnavailable: queue 'wordcount/tasks' get: …"
std::string story_of(const mp::Error& error);

// A variable of the environment; `otherwise` if there is none. Errors: std::runtime_error if there
// is none and has to be.
std::string setting(const char* name, const char* otherwise = nullptr);

// The manager at HOST:PORT, by the relay of this node. MP_TOKEN_FILE names the file with the token,
// and WORDCOUNT_CA that with the authority which has signed the manager's certificate.
mp::Manager connect(const std::string& address);

// Does the error mean that the manager, or the session with it, was lost?
bool means_lost(const mp::Error& error);

void pause_before_next_try();

inline bool always() { return true; }

// Runs work(manager), and again, with a new session, whenever the manager or the session was lost
// and goes_on(). A manager that was restarted is empty: so work() asks for its objects by name each
// time, and makes anew what is not there.
template <class Work>
void with_manager(const std::string& address, const Work& work, bool (*goes_on)() = always) {
  for (; goes_on(); pause_before_next_try()) {
    try {
      const mp::Manager manager = connect(address);
      return work(manager);
    } catch (const mp::Error& error) {
      if (!means_lost(error)) throw;
      say("lost the manager: " + story_of(error));
    }
  }
}

// The exit status of run(), whose errors it tells.
template <class Run>
int status_of(const Run& run) {
  try {
    run();
    return 0;
  } catch (const mp::Error& error) {
    say(story_of(error));
  } catch (const std::exception& error) {
    say(error.what());
  }
  return 1;
}

}  // namespace wordcount
