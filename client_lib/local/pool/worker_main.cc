#include "client_lib/local/pool/worker_main.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client_lib/local/pool/frames.h"
#include "client_lib/local/pool/present_task.h"
#include "client_lib/local/process/exit.h"
#include "client_lib/local/process/uncaught.h"
#include "mp/current_process.h"
#include "mp/internal/code_address.h"
#include "mp/internal/pool_call.h"
#include "mp/internal/raised.h"
#include "mp/logging.h"

namespace mp::internal {
namespace {

std::size_t memory_in_use() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%zu %zu", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Functions come with each task, and are mostly the same as before.
class KnownFunction {
 public:
  TaskFunction of(std::string_view code) {
    if (code != code_) {
      function_ = decode_function<std::remove_pointer_t<TaskFunction>>(code);
      code_ = code;
    }
    return function_;
  }

 private:
  std::string code_;
  TaskFunction function_ = nullptr;
};

class Worker {
 public:
  Worker(const WorkerPlace& place, std::uint32_t number, const QueueCore& events)
      : place_(place), number_(number), events_(events) {}

  void tell_ready() { tell({.event = Event::kReady, .worker = number_}, {}); }
  void tell_unfit() { tell({.event = Event::kUnfit, .worker = number_}, pack_current_exception()); }

  // False once it is told to stop.
  bool do_one() {
    std::string_view frame;
    const TaskHeader header = next_order(frame);
    if (header.command == Command::kStop) return false;
    const std::string_view code = frame.substr(0, header.code_size);
    if (header.replies_are_read != 0 && sent_) segments_.give_back(std::move(sent_));
    const TaskOfProcess present(header.task);
    try {
      if (header.by_wire != 0) {
        do_by_wire(header, code);
      } else {
        place_.wire.forget();
        do_task(header, code, frame.substr(code.size()));
      }
    } catch (const std::exception&) {
      tell_failure(header);
    }
    return true;
  }

 private:
  // The next that is not about a task to skip, with what stands behind it.
  TaskHeader next_order(std::string_view& frame) {
    for (;;) {
      taken_.take(place_.tasks, 1, std::nullopt);
      frame = taken_[0];
      const auto header = take_header<TaskHeader>(frame);
      if (header.command != Command::kSkip) return header;
      skip(header.task);
    }
  }

  void skip(std::uint64_t task) {
    try {
      static_cast<void>(place_.wire.receive(task));
    } catch (const Error& error) {
      // What can't be received is off the wire, too.
      get_logger().debug([&] { return std::string("a task that is skipped: ") + error.what(); });
    }
    tell({.event = Event::kSkipped, .worker = number_, .task = task}, {});
  }

  void do_by_wire(const TaskHeader& header, std::string_view code) {
    Parcelled parcelled = place_.wire.receive(header.task);
    std::vector<Descriptor> descriptors;
    for (const auto& descriptor : parcelled.descriptors)
      descriptors.push_back(std::move(*descriptor));
    const IncomingDescriptors incoming(std::move(descriptors));
    do_task(header, code, parcelled.body());
  }

  void do_task(const TaskHeader& header, std::string_view code, std::string_view body) {
    const auto begin = std::chrono::steady_clock::now();
    const OutgoingDescriptors outgoing;
    reply_.clear();
    functions_.of(code)(body, header.items, reply_);
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
    send({.event = Event::kReply, .worker = number_, .task = header.task, .value = took.count()},
         outgoing);
  }

  // The exception that is being handled is that of each item: the task, or its reply, could not be
  // taken over the way.
  void tell_failure(const TaskHeader& header) {
    reply_.clear();
    for (std::uint32_t i = 0; i < header.items; ++i) reply_.add_current_exception();
    const OutgoingDescriptors none;
    send({.event = Event::kReply, .worker = number_, .task = header.task}, none);
  }

  void send(EventHeader header, const OutgoingDescriptors& outgoing) {
    const bool by_wire = reply_.pieces().size() >= kLargeBody || !outgoing.descriptors().empty();
    if (!by_wire) {
      frame_.assign(bytes_of_header(header));
      reply_.pieces().append_to(frame_);
      events_.put(frame_, std::nullopt);
      segments_.clear();
      sent_.reset();
      return;
    }
    const Parcelled parcelled = parcel_up(reply_.pieces(), outgoing, segments_);
    if (parcelled.segment) sent_ = parcelled.segment;
    header.by_wire = 1;
    place_.wire.send(header.task, parcelled);
    tell(header, {});
    reply_.clear();  // it may hold on to a large result
  }

  void tell(const EventHeader& header, std::string_view body) {
    frame_.assign(bytes_of_header(header)).append(body);
    events_.put(frame_, std::nullopt);
  }

  const WorkerPlace& place_;
  const std::uint32_t number_;
  const QueueCore& events_;
  KnownFunction functions_;
  TaskReply reply_;
  Frames taken_;
  std::string frame_;
  SegmentStore segments_;
  std::shared_ptr<Segment> sent_;  // the last one, until the pool has read it
};

// Whether its initializer has returned.
bool begin(Worker& worker, Call* initializer) {
  try {
    if (initializer != nullptr) initializer->run();
  } catch (const ExitRequest&) {
    throw;
  } catch (...) {
    report_uncaught_exception();
    worker.tell_unfit();
    return false;
  }
  worker.tell_ready();
  return true;
}

}  // namespace

void worker_main(const WorkerPlace& place, std::uint32_t number, const QueueCore& events,
                 const WorkerRules& rules, Call* initializer) {
  get_logger().info("child process calling self.run()");
  listen_for_stop(&place.stopping);
  Worker worker(place, number, events);
  if (!begin(worker, initializer)) mp::exit(1);
  const std::size_t at_first = rules.most_memory_growth != 0 ? memory_in_use() : 0;
  for (std::uint64_t done = 1; worker.do_one(); ++done) {
    if (done == rules.most_tasks) break;
    if (rules.most_memory_growth != 0 && memory_in_use() > at_first + rules.most_memory_growth)
      break;
  }
  listen_for_stop(nullptr);
}

}  // namespace mp::internal
