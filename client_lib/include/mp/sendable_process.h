#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mp/internal/parcel.h"
#include "mp/process.h"

namespace mp {

// What a subclass of Process derives from if its objects are to be started by any start method:
// the child makes an object of what the Codec of the subclass has written, and runs that.
//
// With an MP_RECORD the subclass needs a default constructor and fields that are public.
//
//   class Worker : public mp::SendableProcess<Worker> {
//    public:
//     int number = 0;
//     void run() override { std::cout << number << '\n'; }
//   };
//   MP_RECORD(Worker, number)
template <class Subclass>
class SendableProcess : public Process {
 public:
  using Process::Process;

 protected:
  internal::Parcel pack() const override {
    internal::Parcel parcel{.unpack = &Arrived::unpack};
    internal::write_plain(parcel.bytes, static_cast<const Subclass&>(*this));
    return parcel;
  }

 private:
  class Arrived final : public internal::Call {
   public:
    explicit Arrived(std::string_view bytes) : process_(internal::read_plain<Subclass>(bytes)) {}

    static std::unique_ptr<internal::Call> unpack(std::string_view bytes) {
      return std::make_unique<Arrived>(bytes);
    }

    void run() override {
      SendableProcess& process = process_;
      process.become_this_process();
      process.run();
    }

   private:
    Subclass process_;
  };
};

}  // namespace mp
