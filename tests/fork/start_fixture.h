#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mp/context.h"
#include "mp/internal/travel.h"
#include "tests/fork/process_fixture.h"

// What tests share whose children are started by every method.

namespace mp::test {

// A pipe that can be an argument of a child that is not forked.
class SharedPipe {
 public:
  SharedPipe() : pipe_(std::make_shared<Pipe>()) {}
  explicit SharedPipe(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}

  Pipe& operator*() const { return *pipe_; }
  Pipe* operator->() const { return pipe_.get(); }
  const std::shared_ptr<Pipe>& shared() const { return pipe_; }

  // As a gate: in a child, waits until the test opens it.
  void open() const { pipe_->close_write_end(); }
  void wait() const {
    pipe_->close_write_end();
    pipe_->wait_for_byte();
  }

 private:
  std::shared_ptr<Pipe> pipe_;
};

// A duplicate of what has come under this number.
int arrived_descriptor(std::size_t index);

class EveryMethod : public ProcessTest, public testing::WithParamInterface<StartMethod> {
 protected:
  template <class Function, class... Args>
  static Process process(Function function, Args&&... args) {
    return get_context(GetParam()).process(function, std::forward<Args>(args)...);
  }
  template <class Function, class... Args>
  static Process process(ProcessOptions options, Function function, Args&&... args) {
    return get_context(GetParam())
        .process(std::move(options), function, std::forward<Args>(args)...);
  }

  // The exit code of a child that makes this call.
  template <class... Given>
  static int exitcode_of_call(Given&&... given) {
    Process child = process(std::forward<Given>(given)...);
    child.start();
    child.join();
    return child.exitcode().value();
  }

  // What a child writes to the pipe, which is the first argument of its function.
  template <class Function, class... Args>
  static std::string answer_of(Function function, Args&&... args) {
    SharedPipe answer;
    Process child = process(function, answer, std::forward<Args>(args)...);
    child.start();
    std::string text = answer->read_all();
    child.join();
    return text;
  }
};

std::string name_of_param(const testing::TestParamInfo<StartMethod>& info);

}  // namespace mp::test

template <>
struct mp::Codec<mp::test::SharedPipe> {
  template <class Sink>
  static void write(Sink& out, const mp::test::SharedPipe& pipe) {
    auto& outgoing = mp::internal::OutgoingDescriptors::current("a pipe");
    out.tuple(2, [&] {
      out.write(outgoing.add(pipe->read_end(), pipe.shared()));
      out.write(outgoing.add(pipe->write_end(), pipe.shared()));
    });
  }
  template <class Source>
  static mp::test::SharedPipe read(Source& in) {
    auto items = in.items();
    int ends[2] = {-1, -1};
    for (int& end : ends) {
      items.next();
      end = mp::test::arrived_descriptor(Codec<std::size_t>::read(items.value()));
    }
    items.next();
    return mp::test::SharedPipe(std::make_shared<mp::test::Pipe>(ends[0], ends[1]));
  }
};
