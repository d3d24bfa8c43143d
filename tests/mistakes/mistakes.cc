// Mistakes that the compiler must refuse, and say what to do instead. check_mistakes.py compiles
// this file once for each, and looks for the words behind `// says:` in the error. Without a
// mistake the file compiles, so that it is the mistake that is refused.

#include <string>
#include <vector>

#include "mp/local.h"
#include "mp/pool.h"
#include "mp/proxy/dict.h"
#include "mp/threads/lock.h"
#include "mp/threads/rlock.h"

namespace {

int twice(int number) { return 2 * number; }
void take_reference(std::string& text) { text += "!"; }

struct Node {
  int number = 0;
  Node* next = nullptr;
};

}  // namespace

int main(int argc, char**) {
  const int captured = argc;
  mp::Pool pool(1);

#if MISTAKE == 1  // says: mp::bind(f, values...)
  pool.map([captured](int number) { return captured * number; }, std::vector{1, 2});
#endif
#if MISTAKE == 2  // says: pointers and references mean nothing in another process
  pool.apply([](const int* number) { return *number; }, &captured);
#endif
#if MISTAKE == 3  // says: the function must return what has an mp::Codec
  pool.apply([](int number) { return std::vector<Node*>(static_cast<std::size_t>(number)); }, 3);
#endif
#if MISTAKE == 4  // says: starmap takes items that are tuples, pairs or arrays
  pool.starmap(twice, std::vector{1, 2});
#endif
#if MISTAKE == 5  // says: hand over what a lambda captures as arguments
  mp::bind([captured](int number) { return captured * number; }, 1);
#endif
#if MISTAKE == 6  // says: hand over what a lambda captures as arguments
  mp::get_context<mp::StartMethod::kSpawn>().process([captured] { return captured; });
#endif
#if MISTAKE == 7  // says: pointers and references mean nothing there
  mp::get_context<mp::StartMethod::kSpawn>().process([](const int*) {}, &captured);
#endif
#if MISTAKE == 8  // says: the callable does not take these arguments
  mp::Process process(take_reference, std::string("text"));
#endif
#if MISTAKE == 9  // says: a text can be an mp::Array<char>
  mp::Value<std::string> text("text");
#endif
#if MISTAKE == 10  // says: a pointer or a reference leads nowhere in another process
  mp::Value<Node> node(Node{});
#endif
#if MISTAKE == 11  // says: mp::ItemReference
  const mp::DictProxy<std::string, int>* scores = nullptr;
  auto score = (*scores)["alice"];
  return score;
#endif
#if MISTAKE == 12  // says: a lock of mp::threads keeps no other process out
  mp::Value<int> value(1, mp::threads::Lock());
#endif
#if MISTAKE == 13  // says: use an mp::Lock or mp::RLock, which keeps threads out, too
  mp::Array<int> array(3, mp::threads::RLock());
#endif

  return twice(captured) + static_cast<int>(pool.map(twice, std::vector{1}).size());
}
