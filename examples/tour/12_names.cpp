// Processes one after another, with default names and given ones.

#include <mp/process.h>

#include <iostream>

void worker(int number) { std::cout << number << ' ' << mp::current_process().name() << '\n'; }

void run(mp::Process p) {
  p.start();
  p.join();
}

int main() {
  for (int i = 0; i < 3; ++i) run(mp::Process(worker, i));
  run(mp::Process({.name = "reader"}, worker, 3));
  run(mp::Process({.name = "writer"}, worker, 4));
}
