// A bounded queue as a chain: each child gets the number of the one before it, and puts its own.

#include <mp/local/queue.h>
#include <mp/process.h>

#include <iostream>
#include <sstream>
#include <vector>

void pass_on(mp::Queue<int> q, int number) {
  const int before = q.get();
  std::ostringstream line;
  line << "child " << number << " got " << (before == number ? "its own" : "a number") << '\n';
  std::cout << line.str();
  q.put(number);
}

int main() {
  mp::Queue<int> q(20);
  q.put(0);
  std::vector<mp::Process> children;
  for (int i = 1; i <= 10; ++i) children.emplace_back(pass_on, q, i).start();
  for (auto& child : children) child.join();
  std::cout << "left in the queue: " << q.qsize() << '\n';
}
