# The verb `demo` of ./dev, which sources this file: a manager, and programs that use it.
# shellcheck shell=bash disable=SC2154 # what ./dev gives it: logs

host=127.0.0.1
port=${MP_PORT:-50051}
manager=build/dev/bin/mp-manager

# The programs, by the beginning of their names in examples/.
programs=(tour/02 tour/03 tour/08 tour/12 tour/18 tour/21 tour/23 standing_manager)

# All that the demo starts carries this in its environment, and so does what that starts in turn.
mark=MP_DEMO=$$.${EPOCHREALTIME}
manager_pid=

demo() {
  local program targets=()
  for program in "${programs[@]}"; do
    targets+=("$(target_of "$program")")
  done
  build dev mp-manager "${targets[@]}"
  start_manager
  for program in "${programs[@]}"; do
    run_program "$program"
  done
  stop_manager
  within 5 nothing_left || fail "demo: still running:$(commands_of_ours)"
  printf '\nThe demo is complete: %d programs ran, the manager has stopped, and nothing is left running.\n' \
    "${#programs[@]}"
}

start_manager() {
  ! answers || fail "demo: port $port of $host is taken; stop who listens there, or choose another: MP_PORT=50052 ./dev demo"
  env "$mark" "$manager" --listen "$host:$port" >"$logs/manager.log" 2>&1 </dev/null &
  manager_pid=$!
  within 20 serving_or_gone
  serving || manager_failed "the manager did not begin to serve"
  line manager "$host:$port, pid $manager_pid"
}

answers() { (: <"/dev/tcp/$host/$port") 2>/dev/null; }
serving() { "$manager" --check "$host:$port" >/dev/null 2>&1; }
gone() { ! kill -0 "$manager_pid" 2>/dev/null; }
serving_or_gone() { gone || serving; }

manager_failed() {
  tail -n 20 "$logs/manager.log"
  fail "demo: $1; its output is in $logs/manager.log"
}

source_of() { compgen -G "examples/$1*" | grep -E '\.(cc|cpp)$' || fail "demo: there is no examples/$1*"; }

# As examples/CMakeLists.txt names it.
target_of() {
  local source
  source=$(source_of "$1")
  source=${source##*/}
  echo "example_${source%.*}"
}

# The heading is the first line of the program's source.
run_program() {
  local source binary
  source=$(source_of "$1")
  binary=build/dev/${source%.*}
  printf '\n%s  %s\n' "$binary" "$(sed -n '1s|^// *||p' "$source")"
  env "$mark" MP_MANAGER="$host:$port" "$binary" </dev/null | sed 's/^/  /' ||
    fail "demo: ${binary##*/} ended with status ${PIPESTATUS[0]}"
}

stop_manager() {
  local status=0
  kill -TERM "$manager_pid"
  within 15 gone || manager_failed "the manager did not end within 15 s of SIGTERM"
  wait "$manager_pid" || status=$?
  ((status == 0)) || manager_failed "the manager ended with status $status after SIGTERM"
  manager_pid=
}

# The processes of ours, by id; the shell that asks does not carry the mark.
ours() { grep -lzsxF "$mark" /proc/[0-9]*/environ | cut -d / -f 3; }
nothing_left() { [[ -z $(ours) ]]; }

commands_of_ours() {
  local pid
  for pid in $(ours); do
    printf ' %s (%s)' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline")"
  done
}

clean_up() {
  stop_ticker
  {
    ours | xargs -r kill -KILL
    [[ -z $manager_pid ]] || wait "$manager_pid"
  } 2>/dev/null || true
}

demo
