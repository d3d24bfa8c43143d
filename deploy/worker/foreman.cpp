// The foreman of the example cluster: gives out jobs, and shows what came of them. Each run is one
// more client, with a session of its own. `cluster-foreman HOST:PORT` and one of these:
//
//   await EVENT COUNT   waits for that many reports of the event: ready, holds or done
//   add COUNT           has 1, 2, … COUNT added up, and waits until that is done
//   hold                has a worker hold the lock, and waits until it does
//   let-go              tells it to let go
//   show                what is in the shared objects at this moment
//   close               shuts the queue down: the workers end
//
// Prints a line for each report, and at last what `show` shows, each a record as Python would write
// it. The token stands in the file that MP_TOKEN_FILE names.

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "cluster.h"

namespace {

using cluster::Objects;
using cluster::Report;
using cluster::State;

// How long no report may come.
constexpr std::chrono::seconds kPatience(60);

// Report(worker='worker1', event='done', …)
template <class Record>
void print(const Record& record) {
  std::cout << mp::repr(record) << std::endl;
}

// Errors: Empty once nothing was reported for so long.
void await(const Objects& objects, std::string_view event, int count) {
  while (count > 0) {
    const Report report = objects.reports.get(kPatience);
    print(report);
    if (report.event == event) --count;
  }
}

void add(const Objects& objects, int count) {
  for (int number = 1; number <= count; ++number) objects.jobs.put({cluster::kAdd, number});
  await(objects, cluster::kDone, count);
}

void hold(const Objects& objects) {
  objects.jobs.put({cluster::kHold, 0});
  await(objects, cluster::kHolds, 1);
}

void show(const Objects& objects) {
  print(State{objects.jobs.size(), objects.turn.locked(), objects.totals.copy()});
}

// False if there is no such command.
bool run(const Objects& objects, const std::vector<std::string>& command) {
  const auto is = [&command](std::string_view verb, std::size_t arguments) {
    return command.front() == verb && command.size() == 1 + arguments;
  };
  if (is("await", 2)) {
    await(objects, command[1], std::stoi(command[2]));
  } else if (is("add", 1)) {
    add(objects, std::stoi(command[1]));
  } else if (is("hold", 0)) {
    hold(objects);
  } else if (is("let-go", 0)) {
    objects.let_go.put("go on");
  } else if (is("close", 0)) {
    objects.jobs.shutdown();
  } else if (!is("show", 0)) {
    return false;
  }
  // Also tells the manager that the last report arrived, as each call does of the one before. The
  // relay of a container ends with its main process, so a farewell may not get through; and what
  // nobody has acknowledged goes back to its queue.
  show(objects);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() >= 2) {
      const auto manager = mp::Manager::connect(
          arguments[0], {.token = cluster::read_token(std::getenv("MP_TOKEN_FILE"))});
      if (run(Objects(manager), {arguments.begin() + 1, arguments.end()})) return 0;
    }
    std::cerr << "usage: cluster-foreman HOST:PORT await EVENT COUNT | add COUNT | hold | let-go | "
                 "show | close\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "cluster-foreman: " << error.what() << '\n';
    return 1;
  }
}
