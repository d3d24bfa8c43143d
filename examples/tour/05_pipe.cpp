// A pipe: the child sends a list through its end, and the parent receives it from the other.

#include <mp/local/connection.h>
#include <mp/process.h>

#include <iostream>

void f(const mp::Connection& connection) {
  connection.send(mp::Any{42, mp::None, "hello"});
  connection.close();
}

int main() {
  auto [parent, child] = mp::Pipe();
  mp::Process p(f, child);
  p.start();
  std::cout << parent.recv() << '\n';
  p.join();
}
