#pragma once

#include <cstdint>
#include <iosfwd>
#include <string_view>
#include <vector>

// How children come to be, and which way is taken where nobody says.
//
// Thread-safety: any thread.

namespace mp {

// Python: the names "fork", "spawn" and "forkserver".
enum class StartMethod : std::uint8_t {
  // A copy of this process as it is: the child sees every variable, and takes any callable. In a
  // process of many threads the copy has one of them, and what the others had locked stays locked.
  kFork,

  // The program is run anew. The child begins with nothing of its parent's but what it is handed:
  // functions, captureless lambdas, and arguments with an mp::Codec, which local objects and
  // managers' proxies have too.
  kSpawn,

  // As kSpawn, but the child is a copy of a helper that was spawned once and has stayed clean:
  // nearly as quick as kFork, and safe where this process has threads. getppid() names the helper.
  kForkserver,
};

// "fork", "spawn", "forkserver".
std::string_view name_of(StartMethod method);
std::ostream& operator<<(std::ostream& out, StartMethod method);

// Errors: ValueError if there is no such method.
StartMethod start_method_named(std::string_view name);

enum class Force : bool { kNo, kYes };

// The way of all mp::Process of this process from now on that name none, and of its children's.
//
// Errors: ProcessError if it was set before, or if a process was started that named none, unless
// forced; ValueError for an unknown name.
// Python: multiprocessing.set_start_method(method, force).
void set_start_method(StartMethod method, Force force = Force::kNo);
void set_start_method(std::string_view name, Force force = Force::kNo);

// kFork, unless set. Asking settles nothing (in Python it does).
//
// Python: multiprocessing.get_start_method().
StartMethod get_start_method();

// The default first.
//
// Python: multiprocessing.get_all_start_methods().
std::vector<StartMethod> get_all_start_methods();

// Must be the first call of main() in a program that uses kSpawn or kForkserver: a child of theirs,
// and the helper, begin as another run of this program, and become what they are here. In them it
// never returns; in the program that somebody has run it does nothing more.
//
// Python: `if __name__ == "__main__":` and multiprocessing.freeze_support().
//
//   int main(int argc, char** argv) {
//     mp::init(argc, argv);
//     mp::set_start_method("spawn");
void init(int argc, char** argv);

}  // namespace mp
