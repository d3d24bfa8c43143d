// What becomes of children when their parent ends: a daemon is ended, any other is awaited.

#include <mp/local/event.h>
#include <mp/process.h>

#include <chrono>
#include <iostream>
#include <thread>

void sleep_long(mp::Event ready) {
  try {
    mp::Process({.name = "its child"}, [] {}).start();
  } catch (const mp::ProcessError& error) {
    std::cout << error.what() << std::endl;
  }
  ready.set();
  std::this_thread::sleep_for(std::chrono::hours(1));
  std::cout << "daemon: not ended" << std::endl;
}

void other(mp::Event main_is_done) {
  main_is_done.wait();
  std::cout << "child: done" << std::endl;
}

int main() {
  mp::Event ready;
  mp::Event main_is_done;
  mp::Process d({.name = "daemon", .daemon = true}, sleep_long, ready);
  mp::Process c({.name = "child"}, other, main_is_done);
  d.start();
  c.start();
  ready.wait();
  std::cout << "main: done" << std::endl;
  main_is_done.set();
}
