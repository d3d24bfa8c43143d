#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "mp/bytes.h"
#include "mp/deadlock.h"
#include "mp/error_code.h"

namespace mp {

// What every exception of this library derives from. what() tells the whole story: what was
// attempted, on which object, and what to do about it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// ---- What Python's containers raise ----

// A key that is not in the dict. Python: KeyError.
class KeyError : public Error {
 public:
  using Error::Error;
};

// An index outside the sequence, or a pop from an empty one. Python: IndexError.
class IndexError : public Error {
 public:
  using Error::Error;
};

// A value of the right type that cannot be used: not in the list, out of the range of the C++ type,
// not UTF-8. Python: ValueError (and OverflowError).
class ValueError : public Error {
 public:
  using Error::Error;
};

// A value of another type than was asked for, or one that cannot be hashed, ordered or added.
// Python: TypeError.
class TypeError : public Error {
 public:
  using Error::Error;
};

// An attribute that the namespace does not have. Python: AttributeError.
class AttributeError : public Error {
 public:
  using Error::Error;
};

// A number, given or the result of an operation, that a shared value or array cannot hold: it is
// out of the range of their type. Nothing was changed. Python: OverflowError.
class OverflowError : public Error {
 public:
  using Error::Error;
};

// A dict or set has changed size while a scan of it was under way. Python: RuntimeError.
class RuntimeError : public Error {
 public:
  using Error::Error;
};

// ---- Expected outcomes of operations that may wait; each has a form that does not throw ----

// Nothing to get within the timeout. Python: queue.Empty.
class Empty : public Error {
 public:
  using Error::Error;
};

// No room to put within the timeout. Python: queue.Full.
class Full : public Error {
 public:
  using Error::Error;
};

// The queue was shut down. Python: queue.ShutDown.
class ShutDown : public Error {
 public:
  using Error::Error;
};

// The operation would have to wait where nothing may wait: inside a batch.
class WouldBlock : public Error {
 public:
  using Error::Error;
};

// The barrier was aborted, reset, timed out, or lost a party; the latch lost somebody who had
// promised to count down. Python: threading.BrokenBarrierError.
class BrokenBarrierError : public Error {
 public:
  using Error::Error;
};

// The command was given up before it ran, and changed nothing. So far no operation answers this.
class Cancelled : public Error {
 public:
  using Error::Error;
};

// ---- Ownership ----

// Released, or notified through, what the caller does not hold. Python: RuntimeError,
// AssertionError or ValueError.
class NotOwnerError : public Error {
 public:
  using Error::Error;
};

// The grant that the operation demanded is over: the lock passed on. Nothing was changed.
class StaleTokenError : public Error {
 public:
  using Error::Error;
};

// The caller would wait for itself, alone or through others: it holds for reading the lock that it
// wants to write under, or what it wants is held by somebody who waits for what the caller holds.
// Nothing was changed.
class DeadlockError : public Error {
 public:
  explicit DeadlockError(const std::string& message, Deadlock cycle = {})
      : Error(message), cycle_(std::move(cycle)) {}

  // Each waits for what the next one holds, and the last for what the first holds; the first is the
  // caller. Empty where nobody else is concerned.
  const Deadlock& cycle() const { return cycle_; }

 private:
  Deadlock cycle_;
};

// ---- Objects, names, commands ----

// No object of this name or id: never made, deleted, collected, or of a manager that was restarted
// since.
class NoSuchObject : public Error {
 public:
  using Error::Error;
};

// The manager hosts no type of this name, or the type no such constructor.
class UnknownType : public Error {
 public:
  using Error::Error;
};

// A method or the constructor of a user's own type has thrown, in the manager. Python: the
// exception itself.
class MethodError : public Error {
 public:
  explicit MethodError(const std::string& message, std::string type_name = {})
      : Error(message), type_name_(std::move(type_name)) {}

  // Of the exception, as in the program that registered the type: `geometry::NoSuchShape`.
  const std::string& type_name() const { return type_name_; }

 private:
  std::string type_name_;
};

// The object is of another kind than the proxy or the operation.
class WrongKind : public Error {
 public:
  using Error::Error;
};

// The name is taken, and the caller asked for a new object.
class AlreadyExists : public Error {
 public:
  using Error::Error;
};

// The manager could not make sense of the command.
class BadCommand : public Error {
 public:
  using Error::Error;
};

// The manager is older than this library: it does not know the operation.
class UnknownOperation : public BadCommand {
 public:
  using BadCommand::BadCommand;
};

// A condition of a batch did not hold: nothing was changed.
class ConditionFailed : public Error {
 public:
  using Error::Error;
};

// A limit of the manager, or of the wire, would be passed: nothing was changed, unless it is the
// answer to a mutation that is too large; then what() says that it was done. what() names the
// limit.
class LimitExceeded : public Error {
 public:
  using Error::Error;
};

// ---- The manager and the way to it ----

// Base of everything that is the matter with the manager itself or the way to it, rather than with
// the operation.
class ManagerError : public Error {
 public:
  using Error::Error;
};

// The manager cannot be reached: not there, or connection lost beyond the deadline. The operation
// did not run, or changes nothing.
class ManagerUnavailable : public ManagerError {
 public:
  using ManagerError::ManagerError;
};

// The manager is shutting down. Nothing was changed.
class ManagerShutDown : public ManagerError {
 public:
  using ManagerError::ManagerError;
};

// A mutation had left, and no answer came: its session is over, and it ran once or not at all; or
// the manager was silent beyond the deadline, and it may still run. The library never repeats it.
class OutcomeUnknown : public ManagerError {
 public:
  using ManagerError::ManagerError;
};

// The operation needs a session, so that what it acquires has an owner.
class NoSession : public ManagerError {
 public:
  using ManagerError::ManagerError;
};

// The session ended: what it held was released, what waited was answered.
class SessionExpired : public NoSession {
 public:
  using NoSession::NoSession;
};

// The manager failed, or gave an answer that cannot be read. Python: managers.RemoteError.
class RemoteError : public ManagerError {
 public:
  using ManagerError::ManagerError;
};

// ---- Processes ----

// Base of what goes wrong between processes. Python: multiprocessing.ProcessError.
class ProcessError : public Error {
 public:
  using Error::Error;
};

// A wait ended without its result; of a manager, a read was not answered within the deadline.
// Python: multiprocessing.TimeoutError.
class TimeoutError : public ProcessError {
 public:
  using ProcessError::ProcessError;
};

// Memory to share between processes could not be had: the system's, a control group's or the
// process's limit was reached. Nothing was changed. Python: MemoryError, OSError.
class MemoryError : public ProcessError {
 public:
  using ProcessError::ProcessError;
};

// The message that came is larger than the buffer that it was to go into. It is lost to the
// connection, and stands here. Python: multiprocessing.BufferTooShort.
class BufferTooShort : public ProcessError {
 public:
  BufferTooShort(const std::string& what, Bytes message)
      : ProcessError(what), message_(std::make_shared<const Bytes>(std::move(message))) {}

  // The whole message.
  const Bytes& message() const { return *message_; }

 private:
  std::shared_ptr<const Bytes> message_;
};

// The other side refused the token or the secret. Python: multiprocessing.AuthenticationError.
class AuthenticationError : public ProcessError {
 public:
  using ProcessError::ProcessError;
};

// What does not survive fork() was used in the child: a connection with Lane::kInProcess, or a
// future or batch that the parent had begun.
class ForkedClientError : public ProcessError {
 public:
  using ProcessError::ProcessError;
};

// ---- Connections ----

// All is read, and nobody is left who could send. Python: EOFError.
class EOFError : public Error {
 public:
  using Error::Error;
};

// A connection cannot do what was asked: it is closed, of the other direction, nobody is left to
// read, the sender died within a message, or the system refused; what() then has the system's
// reason. Python: OSError, BrokenPipeError, ConnectionResetError.
class ConnectionError : public Error {
 public:
  using Error::Error;
};

namespace internal {

// What some errors have beside their message.
struct ErrorDetails {
  std::string exception;  // of kRaised
  Deadlock cycle;         // of kDeadlock
};

// Throws the exception that stands for `code`: the one place where codes become exceptions.
[[noreturn]] void throw_error(ErrorCode code, const std::string& message,
                              ErrorDetails details = {});

}  // namespace internal

}  // namespace mp
