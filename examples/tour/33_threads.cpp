// Threads in place of processes, by one line.

#include <mp/threads.h>

#include <iostream>
#include <mutex>
#include <string>

namespace backend = mp::threads;  // or: namespace backend = mp;

void work(const backend::JoinableQueue<std::string>& words, const backend::Value<int>& letters,
          const backend::Lock& lock) {
  for (std::string word = words.get(); !word.empty(); word = words.get()) {
    letters += static_cast<int>(word.size());
    const std::scoped_lock guard(lock);
    std::cout << word + "\n" << std::flush;
    words.task_done();
  }
}

int main() {
  const backend::JoinableQueue<std::string> words;
  const backend::Value<int> letters(0);
  const backend::Lock lock;
  backend::Process worker(work, words, letters, lock);
  worker.start();
  for (const char* word : {"the", "same", "program"}) words.put(word);
  words.join();
  words.put("");  // the last one
  worker.join();
  std::cout << letters.get() << " letters, exit code " << worker.exitcode().value() << '\n';
}
