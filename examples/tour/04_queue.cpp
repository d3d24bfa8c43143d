// A child puts a list into a queue, and its parent gets it.

#include <mp/any.h>
#include <mp/local/queue.h>
#include <mp/process.h>

#include <iostream>
#include <vector>

void f(mp::Queue<mp::Any> q) { q.put(std::vector<mp::Any>{42, mp::None, "hello"}); }

int main() {
  mp::Queue<mp::Any> q;
  mp::Process p(f, q);
  p.start();
  std::cout << q.get() << '\n';
  p.join();
}
