// A worker of the word count: takes tasks, one at a time, and counts with a pool of its own.
// `wordcount-worker HOST:PORT` ends when the job is over, or, told to by SIGTERM, after its task.
// WORDCOUNT_TEXTS names the directory of texts; WORDCOUNT_PACE is how many milliseconds a task
// takes at least, so that there is time to look.
//
// What comes of a task, and that it is done, the manager learns in one batch: all of it or nothing.
// A worker that dies before has changed nothing, and its task goes to another. One that was stopped
// or cut off for so long that its task has gone to another is refused, and has changed nothing.

#include <mp/mp.h>
#include <mp/pool.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "connection.h"
#include "job.h"

namespace {

using namespace std::chrono_literals;
using wordcount::Job;
using wordcount::Letter;
using wordcount::say;
using wordcount::Task;

using Counts = std::map<std::string, std::int64_t>;

constexpr int kPoolProcesses = 2;
constexpr int kLinesOfAPiece = 100;

volatile std::sig_atomic_t told_to_end = 0;

// A word is a run of the letters a to z, large or small.
Counts count_words(const std::string& text) {
  Counts counts;
  std::string word;
  for (const char c : text + ' ') {
    const char letter = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (letter >= 'a' && letter <= 'z') {
      word += letter;
    } else if (!word.empty()) {
      ++counts[word];
      word.clear();
    }
  }
  return counts;
}

std::vector<std::string> pieces_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::vector<std::string> pieces;
  std::string line;
  for (int number = 0; std::getline(in, line); ++number) {
    if (number % kLinesOfAPiece == 0) pieces.emplace_back();
    pieces.back() += line + '\n';
  }
  return pieces;
}

class Worker {
 public:
  Worker(mp::Pool& pool, const mp::Manager& manager)
      : pool_(&pool), manager_(&manager), job_(manager) {}

  void work() const {
    job_.seats.acquire();  // given back below, and else with the session
    say("ready");
    try {
      while (told_to_end == 0)
        if (const auto task = job_.tasks.try_receive(1s)) run(*task);
      say("leaves");
    } catch (const mp::ShutDown&) {
      say("the job is over");
    }
    job_.seats.release();
  }

 private:
  using Received = mp::Delivered<Task>;

  void run(const Received& task) const {
    if (task.value.barrier) return meet(task);
    const auto earliest_end = std::chrono::steady_clock::now() + pace_;
    say(task.value.phase + ' ' + task.value.subject +
        (task.deliveries > 1 ? ", which was lost with a session" : ""));

    mp::Batch batch = manager_->batch();
    if (task.value.phase == wordcount::kCount) {
      auto counts = batch.on(job_.counts);
      for (const auto& [word, number] : count(task.value.subject)) counts.add(word, number);
    } else {
      batch.on(job_.letters).set(task.value.subject, rank(task.value.subject));
    }
    std::this_thread::sleep_until(earliest_end);
    batch.on(job_.done).add(task.value.phase, 1);
    finish(task, batch);
  }

  // If the answer is lost, nobody needs it: either the task was done with it, or comes back.
  void finish(const Received& task, mp::Batch& batch) const {
    batch.on(job_.tasks).task_done(task);
    try {
      batch.commit();
    } catch (const mp::ValueError& error) {  // the task is not ours any more
      throw mp::SessionExpired(task.value.phase + ' ' + task.value.subject +
                               " comes too late: " + wordcount::story_of(error));
    }
  }

  void meet(const Received& task) const {
    try {
      task.value.barrier.value().wait();
    } catch (const mp::BrokenBarrierError& error) {  // then there is another meeting
      say(wordcount::story_of(error));
    }
    mp::Batch batch = manager_->batch();
    finish(task, batch);
  }

  Counts count(const std::string& text) const {
    Counts counts;
    for (const Counts& of_piece : pool_->map(count_words, pieces_of(texts_ / text)))
      for (const auto& [word, number] : of_piece) counts[word] += number;
    return counts;
  }

  Letter rank(const std::string& letter) const {
    Letter result;
    std::int64_t most = 0;
    for (const auto& [word, number] : job_.counts.copy()) {
      if (word.front() != letter.front()) continue;
      result.words += number;
      ++result.different;
      if (number > most || (number == most && word < result.most_frequent)) {
        most = number;
        result.most_frequent = word;
      }
    }
    return result;
  }

  mp::Pool* pool_;
  const mp::Manager* manager_;
  Job job_;
  std::filesystem::path texts_ = wordcount::setting("WORDCOUNT_TEXTS");
  std::chrono::milliseconds pace_{std::stoi(wordcount::setting("WORDCOUNT_PACE", "0"))};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: wordcount-worker HOST:PORT\n";
    return 2;
  }
  return wordcount::status_of([&] {
    mp::Pool pool(kPoolProcesses);
    std::signal(SIGTERM, [](int) { told_to_end = 1; });
    wordcount::with_manager(
        argv[1], [&](const mp::Manager& manager) { Worker(pool, manager).work(); },
        [] { return told_to_end == 0; });
  });
}
