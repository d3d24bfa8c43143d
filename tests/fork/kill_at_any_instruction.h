#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>

// What is left when a process is killed in the middle of an operation: at every instruction of it.
//
// A child is forked for each kill. It runs the operation one instruction at a time, traced by this
// process, and after so many of them it is killed, as by kill -9.

namespace mp::test {

class Victim;

struct KilledOperation {
  // In the child: what is done before, at full speed.
  std::function<void()> prepare = [] {};
  // In the child: what it is killed in. A wait in it goes on while the child is traced.
  std::function<void()> operation;
  // Here, once the child is about to begin: those who take part beside it.
  std::function<void(Victim&)> begin = [](Victim&) {};
  // Here, after the kill, or after the operation: what must hold. Failed expectations tell how many
  // instructions the child had made.
  std::function<void(bool was_through)> check;
  // How many kills, spread evenly over the operation, from a random one on whose seed is printed.
  std::size_t most_kills = 200;
};

void kill_at_any_instruction(const KilledOperation& killed);

// One such child.
class Victim {
 public:
  explicit Victim(const KilledOperation& killed);
  ~Victim();  // kills it
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  // At full speed, until halt(), which stops it once it sleeps: before, it may hold what others
  // need. What it waits for meanwhile it goes on to wait for.
  void run_freely() const;
  void halt() const;

  // At most so many instructions; gives how many were made, fewer if the operation is through.
  std::size_t run(std::size_t instructions);
  bool is_through() const { return is_through_; }

  // And waits until it is gone.
  void kill();

 private:
  [[noreturn]] static void be_victim(const KilledOperation& killed);

  pid_t pid_;
  bool is_through_ = false;
};

}  // namespace mp::test
