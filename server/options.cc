#include "server/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string_view>

#include "server/flag_values.h"
#include "server/option_texts.h"

namespace mp::server {
namespace {

constexpr char kAbout[] =
    "mp-manager hosts shared objects (dicts, queues, locks and more) for processes on any machine: "
    "over "
    "gRPC on a TCP port,\n"
    "and over a Unix socket for processes of this host. It runs in the foreground until SIGTERM or "
    "SIGINT, then\n"
    "answers everybody who waits, and exits with 0. Logs go to stderr.\n"
    "\n"
    "Every flag is also an environment variable, which the flag overrides.";

constexpr char kFooter[] =
    "\nExamples:\n"
    "  mp-manager                                        for this host: 127.0.0.1:50051 and a Unix "
    "socket\n"
    "  mp-manager --listen 0.0.0.0:50051 --token-file token --tls-cert cert.pem --tls-key key.pem\n"
    "  mp-manager --listen none --socket /run/mp.sock    no TCP\n"
    "  mp-manager --relay db1:50051                      this node's way to that manager\n"
    "  mp-manager --check localhost:50051                exits with 0 if that manager serves";

void add_lanes(CLI::App& app, ManagerOptions& options, Texts& texts) {
  const char* group = "Where it serves";
  add_text(app, "--listen", texts.listen, "HOST:PORT",
           "TCP address for gRPC; port 0: any free one, which is logged; none: no TCP")
      ->group(group);
  add_text(app, "--socket", options.socket, "PATH",
           "Unix socket for processes of this host [$XDG_RUNTIME_DIR/mp/PORT.sock, or without that "
           "variable /tmp/mp-UID/PORT.sock]; none: no such socket")
      ->group(group);
  add_descriptor(app, "--adopt-socket", options.adopt_socket,
                 "Serve processes of this host on this descriptor of a Unix socket that listens "
                 "already, instead of a path")
      ->group(group);
  add_descriptor(app, "--print-address", options.print_address_fd,
                 "Write `listen HOST:PORT` and `socket PATH`, a line each, to this file descriptor "
                 "once it serves")
      ->group(group);
}

// How connections on the Unix socket go on.
void add_rings(CLI::App& app, RingOptions& rings, Texts& texts) {
  const char* group = "Shared memory";
  add_text(
      app, "--lane", texts.lane, "auto|socket|shared",
      "How processes of this host go on once connected: through shared memory where they use a "
      "connection often; by the socket alone; or through shared memory always")
      ->check(CLI::IsMember({"auto", "socket", "shared"}).description(""))
      ->group(group);
  add_duration(app, "--lane-spin", rings.spin.budget,
               "How long at most a thread waits awake for what comes next through shared memory, "
               "before it sleeps; 0: not at all")
      ->group(group);
  add_text(app, "--lane-spin-policy", texts.spin_policy, "auto|spin|yield",
           "How it waits awake: spinning where its client runs on another processor, and else "
           "yielding its own; only spinning; or only yielding")
      ->check(CLI::IsMember({"auto", "spin", "yield"}).description(""))
      ->group(group);
  add_count(app, "--max-rings", rings.most, 0, std::numeric_limits<std::uint32_t>::max(),
            "Connections of each socket that have shared memory at the same time, half a MiB each")
      ->group(group);
}

void add_relay(CLI::App& app, ManagerOptions& options) {
  const char* group = "As a relay";
  add_text(app, "--relay", options.relay, "HOST:PORT",
           "Be this node's way to the manager at HOST:PORT, for processes of this user on a Unix "
           "socket [$XDG_RUNTIME_DIR/mp/relay-HOST:PORT.sock]; there are no objects here")
      ->group(group);
  app.add_flag("--relay-tls", options.relay_tls.on, "That manager speaks TLS")
      ->envname("MP_RELAY_TLS")
      ->group(group);
  add_text(app, "--relay-ca", options.relay_tls.authority, "FILE",
           "TLS, with the authority that has signed its certificate (PEM) [the system's]")
      ->group(group);
  add_text(app, "--relay-cert", options.relay_tls.certificate, "FILE",
           "The certificate chain that is shown to it (PEM)")
      ->group(group);
  add_text(app, "--relay-key", options.relay_tls.key, "FILE", "and its private key (PEM)")
      ->group(group);
  add_duration(app, "--exit-when-idle", options.exit_when_idle,
               "End after so long without a session; 0: never")
      ->group(group);
}

void add_access(CLI::App& app, ManagerOptions& options, Texts& texts) {
  const char* group = "Who may use it";
  add_text(app, "--token-file", texts.token_file, "FILE",
           "Every call but health's must show the token in this file; --check PATH shows it")
      ->group(group);
  add_text(app, "--tls-cert", options.tls.certificate, "FILE",
           "Serve TLS with this certificate chain (PEM)")
      ->group(group);
  add_text(app, "--tls-key", options.tls.key, "FILE", "and its private key (PEM)")->group(group);
  add_text(app, "--tls-client-ca", options.tls.client_ca, "FILE",
           "Demand of clients a certificate that this authority has signed (PEM)")
      ->group(group);
  app.add_flag("--insecure", options.insecure,
               "Serve other machines without a token or without TLS")
      ->envname("MP_INSECURE")
      ->group(group);
}

void add_limits(CLI::App& app, Limits& limits, Texts& texts) {
  constexpr std::uint64_t kAny = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t kMostMessage = 1ULL << 30U;
  texts.max_depth = limits.objects.max_depth;
  for (CLI::Option* option : {
           add_count(app, "--max-value-depth", texts.max_depth, 1, 1000,
                     "How deep lists, dicts … nest in one value"),
           add_size(app, "--max-value-bytes", limits.objects.max_bytes, kMostMessage,
                    "Size of one value"),
           add_count(app, "--max-object-items", limits.objects.max_items, 1, kAny,
                     "Items in one object"),
           add_count(app, "--max-watch-events", limits.objects.max_watch_events, 1, kAny,
                     "Events of one object that are kept for its watches"),
           add_size(app, "--max-watch-bytes", limits.objects.max_watch_bytes, kMostMessage,
                    "and their size"),
           add_size(app, "--max-message-bytes", limits.max_message_bytes, kMostMessage,
                    "Size of one frame, request or reply"),
           add_size(app, "--max-name-bytes", limits.max_name_bytes, kMostMessage,
                    "Length of an object's name"),
           add_count(app, "--max-objects", limits.max_objects, 1, kAny, "Objects in all"),
           add_count(app, "--max-sessions", limits.max_sessions, 1, kAny, "Sessions in all"),
           add_count(app, "--max-waiters-per-object", limits.max_waiters_per_object, 1,
                     std::numeric_limits<std::uint32_t>::max(),
                     "Commands that wait for one object"),
           add_size(app, "--max-kept-bytes", limits.max_kept_bytes, kAny,
                    "Outcomes that a session has not acknowledged"),
           add_count(app, "--max-references", limits.max_references, 1, kAny,
                     "Objects that a session refers to"),
           add_count(app, "--max-custom-calls", limits.max_custom_calls, 1, kAny,
                     "Calls of methods of one's own types, waiting or running"),
           add_size(app, "--max-memory-bytes", limits.max_memory_bytes, kAny,
                    "Memory of the whole manager; past it only commands that free memory run; 0: "
                    "no limit"),
           add_duration(app, "--session-time-to-live", limits.session_time_to_live,
                        "How long a session lives without a sign of its process"),
           add_duration(app, "--child-adoption", limits.child_adoption,
                        "How long a session made for a child process waits for it"),
           add_duration(app, "--hello-timeout", limits.hello_timeout,
                        "How long a session stream may take to say hello"),
           add_duration(app, "--collection-period", limits.collection_period,
                        "How often objects are removed that nobody can reach"),
           add_duration(app, "--watch-retention", limits.watch_retention,
                        "How long an object's events are kept after its last watch went"),
       }) {
    option->group("Limits");
  }
}

void add_running(CLI::App& app, ManagerOptions& options, Texts& texts) {
  const char* group = "How it runs";
  add_text(app, "--log-level", texts.log_level, "LEVEL",
           "trace, debug, info, warn, error, critical or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "critical", "off"})
                  .description(""))
      ->group(group);
  add_count(app, "--custom-threads", options.custom_threads, 1, 10'000,
            "Threads that run methods of one's own types; a call inside another may get one beyond "
            "them")
      ->group(group);
  add_duration(
      app, "--drain-timeout", options.drain_timeout,
      "On SIGTERM or SIGINT, how long calls under way may take; a second signal ends it at once")
      ->group(group);
  add_descriptor(app, "--end-with", options.end_with,
                 "End, as on SIGTERM, when this descriptor becomes readable, such as a pidfd; "
                 "SIGINT is ignored then")
      ->group(group);
  add_text(app, "--deadlocks", texts.deadlocks, "WHAT",
           "What happens to an acquire that would close a deadlock: fail: it fails; report: it "
           "waits, and the deadlock is logged and listed; off: nobody looks")
      ->check(CLI::IsMember({"fail", "report", "off"}).description(""))
      ->group(group);
  app.add_flag("--background", options.background,
               "Return once it serves, with 0, or with its exit status if it can't; it goes on by "
               "itself, and its log goes to SOCKET.log")
      ->envname("MP_BACKGROUND")
      ->group(group);
  app.set_version_flag("--version", "mp-manager " MP_VERSION)->group(group);
  app.set_help_flag("-h,--help", "Show this")->group(group);

  const char* check = "Instead of serving";
  add_text(app, "--check", options.check, "HOST:PORT|PATH",
           "Ask the manager at HOST:PORT, or behind the Unix socket PATH, for its health: exits "
           "with 0 if it serves, else with 1")
      ->envname("")  // it says what to do, not how
      ->group(check);
  add_duration(app, "--check-timeout", options.check_timeout,
               "How long --check waits for an answer")
      ->group(check);
}

}  // namespace

std::variant<ManagerOptions, int> parse_options(int argc, char** argv) {
  ManagerOptions options;
  Texts texts;
  CLI::App app(kAbout, "mp-manager");
  app.footer(kFooter);
  app.get_formatter()->column_width(34);
  add_lanes(app, options, texts);
  add_rings(app, options.rings, texts);
  add_relay(app, options);
  add_access(app, options, texts);
  add_limits(app, options.limits, texts);
  add_running(app, options, texts);
  std::string wrong;
  try {
    app.parse(argc, argv);
    wrong = settle(options, texts);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& failure) {
    wrong = failure.what();
  }
  if (wrong.empty()) return options;
  std::cerr << "mp-manager: " << wrong << "\nmp-manager --help shows all flags.\n";
  return 2;
}

}  // namespace mp::server
