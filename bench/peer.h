#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace mp::bench {

// The entry that every round trip asks for or sets, the same with every peer.
inline const std::string kKey = "user:042";
inline const std::string kValue = "sixteen letters.";

// The command line: `--name value` pairs. Errors: std::runtime_error, naming what is missing.
class Arguments {
 public:
  Arguments(int argc, char** argv);
  const std::string& text(const std::string& name) const;
  double number(const std::string& name) const;
  std::size_t count(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

// "unix:PATH" or "HOST:PORT".
struct Address {
  std::string path;  // empty: host and port hold
  std::string host;
  int port = 0;

  explicit Address(const std::string& text);
};

// One connection to a server that keeps a dict, or only sends as many bytes as one that does.
//
// Whoever lacks one of the optional abilities is not asked for it: the table of rows decides.
// Errors: any exception ends the program.
class Peer {
 public:
  virtual ~Peer() = default;

  virtual void get() = 0;  // d[kKey], which must be kValue
  virtual void set() = 0;  // d[kKey] = kValue
  // So many gets, all sent before the first answer is asked for.
  virtual void get_many(std::size_t count);
  // d[i] = text(i) for i from 0, in as few round trips as the peer likes; in a dict of its own.
  virtual void fill(std::size_t entries, const std::function<std::string(std::size_t)>& text);
  // Has so many commands wait at the server, and returns when they do.
  virtual void park(std::size_t commands);
};

// The main function of a client:
//
//   connects, warms up, prints "ready", waits for a line on its standard input, measures, prints a
//   line of JSON, and stays connected until its standard input ends.
//
// --workload get|set|pipeline|rate|silence|fill|park says what it measures; see bench/README.md.
int run_client(int argc, char** argv,
               const std::function<std::unique_ptr<Peer>(const Arguments&)>& connect);

}  // namespace mp::bench
