// A process that runs a function with an argument.

#include <mp/process.h>

#include <iostream>
#include <string>

void f(const std::string& name) { std::cout << "hello " << name << '\n'; }

int main() {
  mp::Process p(f, "bob");
  p.start();
  p.join();
}
