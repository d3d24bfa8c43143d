// The coordinator of the word count: has each phase done by the workers, waits for it, and prints
// the result. `wordcount-coordinator HOST:PORT`; WORDCOUNT_TEXTS names the directory of texts.
//
// Several may run: one leads, the others stand by. How far the job is, stands in the manager, so
// whoever leads next goes on there. And what a phase needs of the one before, the leader has too,
// so that it can start a phase over with a manager that is empty. What a leader does who is none
// any more, and does not know it yet, the manager refuses.

#include <mp/mp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connection.h"
#include "job.h"

namespace {

using wordcount::Job;
using wordcount::Letter;
using wordcount::say;
using wordcount::Task;

using Counts = std::map<std::string, std::int64_t>;
using Letters = std::map<std::string, Letter>;

// How long those who have come wait for the others, before the coordinator counts heads again.
constexpr std::chrono::seconds kMeeting(5);

std::vector<std::string> texts_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

// The coordinator while it leads.
class Leader {
 public:
  // Waits until nobody else leads. The lock is given back by resign(), or else with the session.
  explicit Leader(const mp::Manager& manager) : manager_(&manager), job_(manager) {
    job_.lead.lock();
  }

  bool job_is_over() const { return job_.done.contains(wordcount::kOver); }
  bool predecessor_died() const { return job_.lead.previous_owner_died(); }
  void resign() const { job_.lead.release(); }

  Counts count(const std::vector<std::string>& texts) const {
    run_phase(wordcount::kCount, texts, {});
    const auto counts = job_.counts.copy();
    return {counts.begin(), counts.end()};
  }

  Letters rank(const Counts& counts) const {
    std::vector<std::string> letters;
    for (char letter = 'a'; letter <= 'z'; ++letter) letters.emplace_back(1, letter);
    run_phase(wordcount::kRank, letters, counts);
    const auto ranked = job_.letters.copy();
    return {ranked.begin(), ranked.end()};
  }

  // Waits until all workers that live have left the phase before: also one that is still busy with
  // a task that has long been given to another.
  void meet() const {
    for (;;) {
      const std::size_t workers = job_.workers();
      const auto barrier = manager_->barrier(workers + 1, {}, {.timeout = kMeeting});
      job_.tasks.put_many(std::vector<Task>(workers, {wordcount::kMeet, {}, barrier}));
      try {
        barrier.wait();
        return say("all " + std::to_string(workers) + " workers have met");
      } catch (const mp::BrokenBarrierError& error) {  // somebody died, left, or is too late
        say("calls another meeting: " + wordcount::story_of(error));
      }
    }
  }

  void end_job() const {
    mp::Batch batch = manager_->batch();
    batch.on(as_leader(job_.done)).set(wordcount::kOver, 1);
    batch.on(job_.tasks).shutdown();
    batch.commit();
  }

 private:
  // The same object, for operations that run only while this coordinator still leads.
  template <class P>
  P as_leader(const P& proxy) const {
    return proxy.fenced_by(job_.lead, job_.lead.token());
  }

  // The phase begins once, whoever tries and how often: that it has begun, its tasks, and what they
  // work on are there together, or not at all.
  void run_phase(const char* phase, const std::vector<std::string>& subjects,
                 const Counts& counts) const {
    std::vector<Task> tasks;
    tasks.reserve(subjects.size());
    for (const auto& subject : subjects) tasks.push_back({phase, subject});

    job_.tasks.join();  // what a predecessor has begun comes first
    mp::Batch begin = manager_->batch();
    begin.if_absent(job_.planned, phase);
    begin.on(as_leader(job_.planned)).set(phase, static_cast<std::int64_t>(tasks.size()));
    begin.on(job_.counts).clear();  // a leader before, with another manager, may have filled it
    begin.on(job_.counts).update(counts);
    begin.on(job_.tasks).put_many(tasks);
    if (begin.commit()) say(std::string(phase) + ": " + std::to_string(tasks.size()) + " tasks");
    job_.tasks.join();
  }

  const mp::Manager* manager_;
  Job job_;
};

void print(const Counts& counts, const Letters& letters) {
  for (const auto& [word, number] : counts) std::cout << "word " << word << ' ' << number << '\n';
  for (const auto& [letter, of] : letters)
    std::cout << "letter " << letter << ' ' << of.words << ' ' << of.different << ' '
              << of.most_frequent << '\n';
  std::cout << std::flush;
}

void coordinate(const std::string& address) {
  const auto texts = texts_in(wordcount::setting("WORDCOUNT_TEXTS"));
  // What is done is kept here: a lost manager costs the phase that was under way, and no other.
  std::optional<Counts> counts;
  std::optional<Letters> letters;
  bool printed = false;

  wordcount::with_manager(address, [&](const mp::Manager& manager) {
    const Leader leader(manager);
    if (!leader.job_is_over()) {
      say(leader.predecessor_died() ? "leads, after one that died" : "leads");
      if (!counts) counts = leader.count(texts);
      if (!letters) {
        leader.meet();
        letters = leader.rank(*counts);
      }
      if (!printed) print(*counts, *letters);
      printed = true;
      leader.end_job();
    }
    leader.resign();
  });
  say("the job is over");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: wordcount-coordinator HOST:PORT\n";
    return 2;
  }
  return wordcount::status_of([&] { coordinate(argv[1]); });
}
