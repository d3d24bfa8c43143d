#include <string>

#include "tests/e2e/bad_commands.h"

// Commands on locks, semaphores, conditions, events, barriers, latches and queues that no client
// library of ours sends: each gets a clear answer, and changes nothing.

namespace mp::e2e {
namespace {

class BadInputWaiting : public BadCommands {
 protected:
  BadInputWaiting()
      : BadCommands(
            {"lock_create { name: 'l' }", "rlock_create { name: 'r' }",
             "semaphore_create { name: 's' value: 2 }",
             "semaphore_create { name: 'b' value: 2 bounded: true }",
             "condition_create { name: 'c' }", "condition_create { name: 'over l' lock_name: 'l' }",
             "event_create { name: 'e' }", "barrier_create { name: 'lap' parties: 3 }",
             "count_down_latch_create { name: 'd' count: 3 }", "rwlock_create { name: 'rw' }",
             "queue_create { name: 'q' maxsize: 2 }",
             "queue_create { name: 'jobs' delivery: UNTIL_CONFIRMED }",
             "queue_put { name: 'q' value { int: 1 } }",
             "queue_put { name: 'jobs' value { int: 1 } }"},
            {"lock_locked { name: 'l' }", "rlock_locked { name: 'r' }",
             "semaphore_get_value { name: 's' }", "semaphore_get_value { name: 'b' }",
             "rlock_locked { name: 'c' }", "event_is_set { name: 'e' }",
             "barrier_state { name: 'lap' }", "count_down_latch_get_count { name: 'd' }",
             "rwlock_read_locked { name: 'rw' }", "rwlock_write_locked { name: 'rw' }",
             "queue_size { name: 'q' }", "queue_size { name: 'jobs' }"}) {}
};
MP_OVER_ALL_ROADS(BadInputWaiting);

TEST_P(BadInputWaiting, OnLocksIsRefused) {
  expect_refused({
      {"lock_acquire { name: 'l' lease { } }", v1::VALUE_ERROR},
      {"lock_acquire { name: 'l' lease { seconds: -1 } }", v1::VALUE_ERROR},
      {"lock_acquire { name: 'nobody' }", v1::NO_SUCH_OBJECT},
      {"lock_acquire { id: 12345 }", v1::NO_SUCH_OBJECT},
      {"lock_acquire { }", v1::BAD_COMMAND},
      {"lock_acquire { name: 'r' }", v1::WRONG_KIND},
      {"lock_release { name: 'l' }", v1::VALUE_ERROR},
      {"lock_release { name: 'over l' }", v1::WRONG_KIND},
      {"lock_create { name: 'l' mode: 77 }", v1::VALUE_ERROR},
      {"lock_create { name: 'new' mode: 77 }", v1::VALUE_ERROR},
      {"lock_create { name: 'l' mode: MUST_NOT_EXIST }", v1::ALREADY_EXISTS},
      {"lock_locked { name: 'new' }", v1::NO_SUCH_OBJECT},
      {"rlock_acquire { name: 'r' lease { seconds: -1 } }", v1::VALUE_ERROR},
      {"rlock_acquire { name: 'l' }", v1::WRONG_KIND},
      {"rlock_release { name: 'r' }", v1::NOT_OWNER},
  });
}

TEST_P(BadInputWaiting, OnSemaphoresIsRefused) {
  expect_refused({
      {"semaphore_acquire { name: 's' lease { } }", v1::VALUE_ERROR},
      {"semaphore_release { name: 's' count: 18446744073709551615 }", v1::VALUE_ERROR},
      {"semaphore_release { name: 's' count: 9223372036854775807 }", v1::VALUE_ERROR},
      {"semaphore_release { name: 's' token: 77 }", v1::NOT_OWNER},
      {"semaphore_release { name: 's' count: 2 token: 77 }", v1::NOT_OWNER},
      {"semaphore_release { name: 'b' }", v1::VALUE_ERROR},
      {"semaphore_release { name: 'b' count: 18446744073709551615 }", v1::VALUE_ERROR},
      {"semaphore_create { value: 9223372036854775808 }", v1::VALUE_ERROR},
      {"semaphore_create { name: 's' bounded: true }", v1::WRONG_KIND},
      {"semaphore_create { name: 's' signal: true }", v1::WRONG_KIND},
      {"semaphore_acquire { name: 'l' }", v1::WRONG_KIND},
      {"semaphore_get_value { name: 'e' }", v1::WRONG_KIND},
  });
}

TEST_P(BadInputWaiting, OnConditionsIsRefused) {
  expect_refused({
      {"condition_wait { name: 'c' }", v1::NOT_OWNER},
      {"condition_wait { name: 'over l' timeout { } }", v1::NOT_OWNER},
      {"condition_notify { name: 'c' }", v1::NOT_OWNER},
      {"condition_notify { name: 'c' count: 18446744073709551615 }", v1::NOT_OWNER},
      {"condition_notify { name: 'over l' all: true }", v1::NOT_OWNER},
      {"condition_create { lock_name: 'nobody' }", v1::NO_SUCH_OBJECT},
      {"condition_create { lock_id: 12345 }", v1::NO_SUCH_OBJECT},
      {"condition_create { lock_name: 'e' }", v1::WRONG_KIND},
      {"condition_create { name: 'c' lock_name: 'l' }", v1::WRONG_KIND},
      {"condition_create { name: 'over l' lock_name: 'r' }", v1::WRONG_KIND},
      {"condition_create { name: 'new' lock_name: 'e' }", v1::WRONG_KIND},
      {"condition_lock { name: 'new' }", v1::NO_SUCH_OBJECT},
      {"condition_lock { name: 'l' }", v1::WRONG_KIND},
  });
}

TEST_P(BadInputWaiting, OnEventsIsRefused) {
  expect_refused({
      {"event_set { name: 'l' }", v1::WRONG_KIND},
      {"event_clear { name: 'nobody' }", v1::NO_SUCH_OBJECT},
      {"event_wait { }", v1::BAD_COMMAND},
      {"event_wait { name: 'e' timeout { seconds: -9223372036854775808 } }", v1::VALUE_ERROR},
      {"event_wait { name: 'e' timeout { seconds: 1 nanos: -1 } }", v1::VALUE_ERROR},
      {"event_create { name: 'lap' }", v1::WRONG_KIND},
  });
  for (const char* none : {"-1", "-315576000000"}) {
    const std::string timeout = std::string("timeout { seconds: ") + none + " }";
    EXPECT_TRUE(ask("event_wait { name: 'e' " + timeout + " }").has_event_wait());
  }
}

TEST_P(BadInputWaiting, OnBarriersIsRefused) {
  expect_refused({
      {"barrier_create { }", v1::VALUE_ERROR},
      {"barrier_create { name: 'lap' parties: 0 }", v1::VALUE_ERROR},
      {"barrier_create { name: 'lap' parties: 18446744073709551615 }", v1::WRONG_KIND},
      {"barrier_finish { name: 'lap' generation: 1 }", v1::BROKEN_BARRIER},
      {"barrier_finish { name: 'lap' generation: 18446744073709551615 }", v1::BROKEN_BARRIER},
      {"barrier_wait { name: 'e' }", v1::WRONG_KIND},
      {"barrier_abort { name: 'nobody' }", v1::NO_SUCH_OBJECT},
  });
}

TEST_P(BadInputWaiting, OnLatchesIsRefused) {
  expect_refused({
      {"count_down_latch_create { count: 9223372036854775808 }", v1::VALUE_ERROR},
      {"count_down_latch_create { name: 'lap' count: 1 }", v1::WRONG_KIND},
      {"count_down_latch_try_set_count { name: 'd' }", v1::VALUE_ERROR},
      {"count_down_latch_try_set_count { name: 'd' count: 18446744073709551615 }", v1::VALUE_ERROR},
      {"count_down_latch_enlist { name: 'd' count: 4 }", v1::VALUE_ERROR},
      {"count_down_latch_enlist { name: 'd' count: 18446744073709551615 }", v1::VALUE_ERROR},
      {"count_down_latch_wait { name: 'd' timeout { nanos: 1000000000 } }", v1::VALUE_ERROR},
      {"count_down_latch_wait { name: 'lap' }", v1::WRONG_KIND},
      {"count_down_latch_count_down { name: 'nobody' }", v1::NO_SUCH_OBJECT},
      {"count_down_latch_count_down { name: 'd' } require_token { name: 'd' token: 1 }",
       v1::STALE_TOKEN},
  });
  const v1::Outcome late =
      ask("count_down_latch_count_down { name: 'd' generation: 18446744073709551615 }");
  EXPECT_EQ(late.count_down_latch_count_down().counted(), 0U);
}

TEST_P(BadInputWaiting, OnReadWriteLocksIsRefused) {
  expect_refused({
      {"rwlock_acquire_read { name: 'rw' lease { } }", v1::VALUE_ERROR},
      {"rwlock_acquire_write { name: 'rw' lease { seconds: -1 } }", v1::VALUE_ERROR},
      {"rwlock_acquire_write { name: 'rw' timeout { seconds: 1 nanos: -1 } }", v1::VALUE_ERROR},
      {"rwlock_release_read { name: 'rw' }", v1::NOT_OWNER},
      {"rwlock_release_write { name: 'rw' }", v1::NOT_OWNER},
      {"rwlock_acquire_read { name: 'l' }", v1::WRONG_KIND},
      {"lock_acquire { name: 'rw' }", v1::WRONG_KIND},
      {"condition_create { name: 'over rw' lock_name: 'rw' }", v1::WRONG_KIND},
      {"rwlock_write_locked { name: 'nobody' }", v1::NO_SUCH_OBJECT},
      {"event_set { name: 'e' } require_token { name: 'rw' token: 1 }", v1::STALE_TOKEN},
  });
}

TEST_P(BadInputWaiting, OnQueuesIsRefused) {
  expect_refused({
      {"queue_put { name: 'q' }", v1::BAD_COMMAND},
      {"queue_put { name: 'q' value { } }", v1::BAD_COMMAND},
      {"queue_put { name: 'q' value { dict { entries { key { float: nan } value { int: 1 } } } } }",
       v1::VALUE_ERROR},
      {"queue_put_many { name: 'q' values { int: 1 } values { } }", v1::BAD_COMMAND},
      {"queue_put_many { name: 'q' values { int: 1 } values { int: 2 } values { int: 3 } }",
       v1::VALUE_ERROR},
      {"queue_get_many { name: 'q' }", v1::VALUE_ERROR},
      {"queue_get_many { name: 'nobody' max: 1 }", v1::NO_SUCH_OBJECT},
      {"queue_confirm { name: 'q' items: 1 }", v1::VALUE_ERROR},
      {"queue_confirm { name: 'jobs' items: 1 }", v1::VALUE_ERROR},
      {"queue_confirm { name: 'jobs' items: 0 }", v1::VALUE_ERROR},
      {"queue_confirm { name: 'jobs' items: 18446744073709551615 }", v1::VALUE_ERROR},
      {"queue_task_done { name: 'jobs' }", v1::VALUE_ERROR},
      {"queue_task_done { name: 'jobs' item: 77 }", v1::VALUE_ERROR},
      {"queue_create { name: 'q' delivery: 9 }", v1::WRONG_KIND},
      {"queue_create { name: 'new' delivery: 9 }", v1::VALUE_ERROR},
      {"queue_create { name: 'q' delivery: UNTIL_CONFIRMED }", v1::WRONG_KIND},
      {"queue_create { name: 'new' order: 9 }", v1::VALUE_ERROR},
      {"queue_create { name: 'q' order: LIFO }", v1::WRONG_KIND},
      {"queue_create { name: 'new' max_deliveries: 1 }", v1::VALUE_ERROR},
      {"queue_create { name: 'new' delivery: UNTIL_CONFIRMED dead_letters_name: 'q' }",
       v1::VALUE_ERROR},
      {"queue_create { name: 'new' delivery: UNTIL_CONFIRMED max_deliveries: 1 "
       "dead_letters_name: 'e' }",
       v1::WRONG_KIND},
      {"queue_create { name: 'new' delivery: UNTIL_CONFIRMED max_deliveries: 1 "
       "dead_letters_name: 'nobody' }",
       v1::NO_SUCH_OBJECT},
      {"queue_create { name: 'q' dead_letters_name: 'q' }", v1::WRONG_KIND},
      {"queue_put { name: 'q' value { int: 2 } delay { nanos: 1000000000 } }", v1::VALUE_ERROR},
      {"queue_size { name: 'new' }", v1::NO_SUCH_OBJECT},
      {"queue_join { name: 'e' }", v1::WRONG_KIND},
  });
}

TEST_P(BadInputWaiting, InATokenIsRefused) {
  expect_refused({
      {"queue_put { name: 'q' value { int: 2 } } require_token { name: 'l' token: 77 }",
       v1::STALE_TOKEN},
      {"queue_put { name: 'q' value { int: 2 } } require_token { name: 'e' token: 77 }",
       v1::STALE_TOKEN},
      {"event_set { name: 'e' } require_token { name: 'l' }", v1::STALE_TOKEN},
      {"barrier_abort { name: 'lap' } require_token { name: 'r' token: 1 }", v1::STALE_TOKEN},
      {"semaphore_release { name: 's' } require_token { name: 'c' token: 1 }", v1::STALE_TOKEN},
      {"lock_acquire { name: 'l' } require_token { name: 'nobody' token: 1 }", v1::STALE_TOKEN},
      {"event_set { name: 'e' } require_token { }", v1::STALE_TOKEN},
  });
}

}  // namespace
}  // namespace mp::e2e
