// A lock whose owner ends without releasing it: it passes on, and the next owner learns so.

#include <mp/mp.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

int main() {
  mp::Manager manager;
  const mp::LockProxy deploy = manager.lock("deploy");
  const auto log = manager.list<std::string>();

  mp::Process first(
      [](const mp::LockProxy& lock, const mp::ListProxy<std::string>& done) {
        lock.acquire();
        done.append("half");  // and no release
      },
      deploy, log);
  first.start();
  first.join();

  if (deploy.acquire({.timeout = 10s, .lease = 1min}) && deploy.previous_owner_died())
    std::cout << "its owner died, and had done " << log << '\n';
  const std::uint64_t token = deploy.token();
  log.fenced_by(deploy, token).append("all");  // only while this very grant is held
  deploy.release();
  try {
    log.fenced_by(deploy, token).append("too late");
  } catch (const mp::StaleTokenError&) {
    std::cout << "whoever comes too late writes nothing: " << log << '\n';
  }
}
