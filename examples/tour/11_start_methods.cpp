// Children that begin anew, with what they are handed.

#include <mp/context.h>
#include <mp/local/queue.h>

#include <iostream>
#include <string>

void foo(mp::Queue<std::string> q) { q.put("hello"); }

void run(mp::Process p, mp::Queue<std::string> q) {
  p.start();
  std::cout << q.get() << '\n';
  p.join();
}

int main(int argc, char** argv) {
  mp::init(argc, argv);
  mp::set_start_method("spawn");

  mp::Queue<std::string> q;
  run(mp::Process(foo, q), q);
  run(mp::get_context("spawn").process(foo, q), q);
  run(mp::get_context("forkserver").process(foo, q), q);

  try {
    mp::set_start_method("fork");
  } catch (const mp::ProcessError& error) {
    std::cout << error.what() << '\n';
  }
}
