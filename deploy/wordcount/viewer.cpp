// Prints how far the word count is: a line whenever a task was done. `wordcount-viewer HOST:PORT`
// takes no part in the job, and ends when that is over.

#include <mp/mp.h>

#include <cstdint>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

#include "connection.h"
#include "job.h"

namespace {

using wordcount::Job;

// Of the phase that began last: "count   12 of 200  [#-------------------]  4 workers". Empty while
// none has begun.
std::string progress_of(const Job& job) {
  constexpr std::int64_t kWidth = 20;
  const auto planned = job.planned.copy();
  const auto done = job.done.copy();
  for (const std::string phase : {wordcount::kRank, wordcount::kCount}) {
    if (!planned.contains(phase)) continue;
    const std::int64_t all = planned.at(phase);
    const std::int64_t part = done.contains(phase) ? done.at(phase) : 0;
    const auto full = static_cast<std::size_t>(all == 0 ? kWidth : kWidth * part / all);
    std::ostringstream line;
    line << std::left << std::setw(5) << phase << std::right << std::setw(5) << part << " of"
         << std::setw(4) << all << "  [" << std::string(full, '#')
         << std::string(kWidth - full, '-') << "]  " << job.workers() << " workers";
    return line.str();
  }
  return {};
}

void view(const mp::Manager& manager) {
  const Job job(manager);
  const auto watch = manager.watch(job.done);  // from now on, so nothing is missed below
  for (std::string shown;; watch.next()) {
    const bool over = job.done.contains(wordcount::kOver);
    if (const std::string line = progress_of(job); line != shown) {
      std::cout << line << std::endl;
      shown = line;
    }
    if (over) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: wordcount-viewer HOST:PORT\n";
    return 2;
  }
  return wordcount::status_of([&] {
    wordcount::with_manager(argv[1], view);
    std::cout << "the job is over" << std::endl;
  });
}
