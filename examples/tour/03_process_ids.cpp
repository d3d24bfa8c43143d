// Who is whose parent.

#include <mp/process.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <string>

void info(const std::string& title) {
  std::cout << title << '\n';
  std::cout << "program: " << program_invocation_short_name << '\n';
  std::cout << "parent process: " << getppid() << '\n';
  std::cout << "process id: " << getpid() << '\n';
}

void f(const std::string& name) {
  info("function f");
  std::cout << "hello " << name << '\n';
}

int main() {
  info("main line");
  mp::Process p(f, "bob");
  p.start();
  p.join();
}
