#include <gtest/gtest.h>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/signal.h"

// Semaphores that are signals, from the start or from a release on by who has no permit: a count,
// that no end of a session changes.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kObjects = 2;

// Releases about as much as it acquires; of permits now and then one that it has not.
class Signaller {
 public:
  Signaller(Client& client, Made made, int object)
      : client_(client),
        made_(made),
        semaphore_(client.manager().semaphore("s" + std::to_string(object),
                                              {.value = 2, .signal = made == Made::kAsSignal})),
        object_(object) {}

  void step() {
    switch (client_.any(6)) {
      case 0:
        return look();
      case 1:
      case 2:
        if (made_ == Made::kAsSignal || held_ > 0 || client_.any(15) == 0)
          return release(1 + client_.any(4) / 3);
        return look();
      default:
        acquire(client_.any(4) * 1ms);
    }
  }

  void acquire(TimeLimit patience) {
    const Result got = client_.run(object_, Code::kAcquire, [&] {
      if (!semaphore_.acquire(patience)) return kRefusal;
      return Result{.value = static_cast<std::int64_t>(semaphore_.token()),
                    .extra = semaphore_.previous_owner_died() ? 1 : 0};
    });
    if (got.outcome == Outcome::kDone) ++held_;
  }

  void release(std::int64_t permits) {
    client_.run(object_, Code::kRelease, permits, [&] { semaphore_.release(permits); });
    held_ -= permits;
  }

  void look() {
    client_.run(object_, Code::kGet, [&] { return semaphore_.get_value(); });
  }

 private:
  Client& client_;
  Made made_;
  SemaphoreProxy semaphore_;
  int object_;
  std::int64_t held_ = 0;
};

Plan plan_with(Made made) {
  const auto signallers_of = [=](Client& client) {
    std::vector<Signaller> signallers;
    for (int object = 0; object < kObjects; ++object) signallers.emplace_back(client, made, object);
    return signallers;
  };
  return {
      .work = [=](Client& client) -> Plan::Step {
        return [&client, signallers = signallers_of(client)]() mutable {
          signallers[static_cast<std::size_t>(client.any(kObjects))].step();
        };
      },
      .finish =
          [=](Client& client, const Happened&) {
            for (Signaller& signaller : signallers_of(client)) {
              signaller.release(1);
              signaller.acquire(kLong);
              signaller.look();
            }
          },
  };
}

History of_signals(const Happened& happened) {
  return with_all_ends(with_returns(happened, {Code::kAcquire}), happened, kObjects);
}

MP_HISTORIES(SignalHistories);

TEST_P(SignalHistories, CountWhatWasReleasedWhoeverEnds) {
  check_histories<Signal<2, Made::kAsSignal>>(plan_with(Made::kAsSignal), of_signals);
}

MP_HISTORIES(BecomingSignalHistories);

TEST_P(BecomingSignalHistories, HaveOwnersUntilSomebodyReleasesWhoHasNone) {
  check_histories<Signal<2, Made::kAsPermits>>(plan_with(Made::kAsPermits), of_signals);
}

}  // namespace
}  // namespace mp::linearizability
