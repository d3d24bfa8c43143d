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

// What is measured of a kind of object: some operations in turn, after which all is as before.
struct Repeated {
  std::function<void()> once;
  std::size_t operations = 1;  // of which it consists
};

// What a container is filled with: item(i) for i from 0.
struct Filling {
  std::string into;  // dict, list, set, queue or array
  std::size_t count = 0;
  std::function<std::string(std::size_t)> item;  // of an array: as many numbers instead
};

// One connection to a server that keeps objects, or only sends as many bytes as one that does.
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
  // By the name of the row.
  virtual Repeated repeated(const std::string& what);

  // In as few round trips as the peer likes; into a container of its own.
  virtual void fill(const Filling& filling);
  // Has so many commands wait at the server for an object of this kind, and returns when they do.
  virtual void park(const std::string& kind, std::size_t commands);
  // Makes so many empty dicts without a name, and keeps them.
  virtual void make_dicts(std::size_t count);

  // Opens so many connections, uses each for a moment, and keeps them.
  virtual void keep_lanes(std::size_t count);

  // What several clients do with one lock, one barrier and one queue.
  virtual void acquire();
  virtual void release();
  virtual void arrive(std::size_t parties);
  virtual void put(const std::string& item);
  virtual std::string take();
};

// The main function of a client:
//
//   connects, warms up, prints "ready", waits for a line on its standard input, measures, prints a
//   line of JSON, and stays connected until its standard input ends.
//
// --workload says what it measures; see bench/README.md.
int run_client(int argc, char** argv,
               const std::function<std::unique_ptr<Peer>(const Arguments&)>& connect);

}  // namespace mp::bench
