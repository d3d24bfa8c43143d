// Two pipes as a pipeline: one child makes the items, a second squares them, the parent prints
// them.
//
// Each sees the end of file once its sender has closed the other end, and every process that does
// not send has let go of it: by moving it into the process that does, or with close_other_end().

#include <mp/local/connection.h>
#include <mp/process.h>

#include <iostream>

void create_items(const mp::Connection& output) {
  for (int item = 0; item < 10; ++item) output.send(item);
  output.close();
}

void multiply_items(const mp::Connection& input, const mp::Connection& output) {
  input.close_other_end();
  try {
    for (;;) {
      const int item = input.recv<int>();
      output.send(item * item);
    }
  } catch (const mp::EOFError&) {
    output.close();
  }
}

int main() {
  auto [items, items_end] = mp::Pipe();
  mp::Process creator(create_items, std::move(items_end));
  creator.start();

  auto [squares, squares_end] = mp::Pipe();
  mp::Process multiplier(multiply_items, std::move(items), std::move(squares_end));
  multiplier.start();

  try {
    for (;;) std::cout << squares.recv() << '\n';
  } catch (const mp::EOFError&) {
    std::cout << "end!\n";
  }
  creator.join();
  multiplier.join();
}
