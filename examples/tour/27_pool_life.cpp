// A pool's calls, with those who are told of their results, and its end, in legal and illegal
// orders.

#include <mp/pool.h>
#include <mp/repr.h>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

int add(int a, int b) { return a + b; }

int refuse(int number) { throw std::invalid_argument("I do not like " + std::to_string(number)); }

void tell_result(int result) { std::cout << "callback: " << result << '\n'; }

void tell_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& what) {
    std::cout << "error_callback: " << what.what() << '\n';
  }
}

template <class Call>
void attempt(const char* name, Call call) {
  try {
    call();
    std::cout << name << ": fine\n";
  } catch (const mp::ValueError& error) {
    std::cout << name << ": ValueError: " << error.what() << '\n';
  }
}

void call() {
  mp::Pool pool(2);
  std::cout << "apply: " << pool.apply(add, 1, 2) << '\n';
  std::cout << "starmap: "
            << mp::repr(pool.starmap(add, std::vector<std::pair<int, int>>{{1, 2}, {3, 4}}))
            << '\n';
  pool.apply_async(add, std::tuple(3, 4), {.callback = tell_result, .error_callback = tell_error})
      .wait();
  pool.apply_async(refuse, std::tuple(13), {.callback = tell_result, .error_callback = tell_error})
      .wait();

  attempt("join before close", [&] { pool.join(); });
  attempt("close", [&] { pool.close(); });
  attempt("close again", [&] { pool.close(); });
  attempt("apply after close", [&] { pool.apply(add, 1, 2); });
  attempt("join", [&] { pool.join(); });
  attempt("join again", [&] { pool.join(); });
}

void terminate() {
  mp::Pool pool(2);
  attempt("terminate", [&] { pool.terminate(); });
  attempt("terminate again", [&] { pool.terminate(); });
  attempt("apply after terminate", [&] { pool.apply(add, 1, 2); });
  attempt("join after terminate", [&] { pool.join(); });
}

int main() {
  call();
  terminate();
}
