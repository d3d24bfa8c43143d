// A manager with a type of the program's own.

#include <mp/custom_type.h>
#include <mp/serve.h>

class Counter {
 public:
  int next() { return ++value_; }

 private:
  int value_ = 0;
};

int main(int argc, char** argv) {
  mp::register_type<Counter>("Counter").constructor<>().method("next", &Counter::next);
  return mp::serve(argc, argv);
}
