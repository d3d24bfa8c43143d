// mp-manager with a type of one's own, whose method is measured beside an operation of a built-in
// kind.

#include <cstdint>

#include "mp/custom_type.h"
#include "mp/serve.h"

namespace {

class Counter {
 public:
  std::int64_t increment(std::int64_t by) { return value_ += by; }

 private:
  std::int64_t value_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  mp::register_type<Counter>("Counter").constructor<>().method("increment", &Counter::increment);
  return mp::serve(argc, argv);
}
