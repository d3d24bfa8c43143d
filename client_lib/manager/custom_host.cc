#include "client_lib/manager/custom_host.h"

#include <cxxabi.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "client_lib/manager/custom_call.h"
#include "client_lib/manager/manager_process.h"
#include "mp/errors.h"
#include "mp/internal/registered_type.h"
#include "server/node/manager_options.h"
#include "server/objects/error.h"

// The types that a program has registered as its manager sees them.

namespace mp::internal {
namespace {

class HostedType;

// All of a manager, which find one another by their C++ types.
struct Host {
  explicit Host(std::string address) : inner(std::move(address)) {}

  InnerManager inner;
  std::vector<const HostedType*> types;
};

std::string story_of(const std::string& where, const std::string& what) {
  return what.empty() ? where : where + ": " + what;
}

// What the exception that is being handled is to a caller.
server::CallResult raised(const std::string& where) {
  const std::type_info* type = abi::__cxa_current_exception_type();
  server::CallResult result;
  result.exception = type == nullptr ? "unknown" : type_text(*type);
  std::string what;
  try {
    throw;
  } catch (const BadArguments& error) {
    result.exception.clear();
    result.status = server::error(v1::TYPE_ERROR, story_of(where, error.what()));
    return result;
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  result.status = server::error(v1::RAISED, story_of(where + " threw " + result.exception, what));
  return result;
}

class HostedType final : public server::CustomType {
 public:
  HostedType(const RegisteredType& type, std::shared_ptr<Host> host)
      : type_(type), host_(std::move(host)) {
    for (const RegisteredMethod& method : type_.methods) {
      methods_.push_back(
          {.name = method.name, .read_only = method.read_only, .signature = method.signature});
    }
  }

  const std::type_info& cpp_type() const { return *type_.type; }
  const std::string& name() const override { return type_.name; }
  const std::vector<Method>& methods() const override { return methods_; }

  server::CallResult construct(const Arguments& arguments,
                               const server::CallContext& context) const override {
    return guarded(type_.name, arguments, context, [&](const internal::Arguments& values) {
      server::CallResult result;
      result.instance = constructor_for(values).make(values);
      return result;
    });
  }

  server::CallResult call(void* instance, std::size_t method, const Arguments& arguments,
                          const server::CallContext& context) const override {
    const RegisteredMethod& called = type_.methods[method];
    const std::string where = type_.name + "." + called.name;
    return guarded(where, arguments, context, [&](const internal::Arguments& values) {
      Returned returned = called.call(instance, values);
      server::CallResult result;
      result.value = std::move(returned.value);
      result.keeps = std::move(returned.keeps);
      if (returned.instance != nullptr) {
        result.type = &hosted(*returned.type);
        result.instance = std::move(returned.instance);
      }
      return result;
    });
  }

 private:
  // Runs it as the call of this thread; whatever it throws is its result.
  template <class Run>
  server::CallResult guarded(const std::string& where, const Arguments& arguments,
                             const server::CallContext& context, Run run) const {
    const RunningCall running{.id = context.call,
                              .deadline = context.deadline,
                              .cancelled = context.cancelled,
                              .inner = &host_->inner};
    const RunsCall scope(running);
    try {
      return run(internal::Arguments(arguments, host_->inner));
    } catch (...) {
      return raised(where);
    }
  }

  const RegisteredConstructor& constructor_for(const internal::Arguments& values) const {
    const auto at =
        std::ranges::find(type_.constructors, values.size(), &RegisteredConstructor::arguments);
    if (at != type_.constructors.end()) return *at;
    throw BadArguments("no constructor is registered that takes " + std::to_string(values.size()) +
                       " arguments");
  }

  const HostedType& hosted(const std::type_info& type) const {
    for (const HostedType* other : host_->types) {
      if (other->cpp_type() == type) return *other;
    }
    throw UnknownType("what it returned stays in the manager, and " + type_text(type) +
                      " is not registered");
  }

  const RegisteredType& type_;
  const std::shared_ptr<Host> host_;
  std::vector<Method> methods_;
};

}  // namespace

void host_registered_types(server::ManagerOptions& options) {
  if (registered_types().empty()) return;
  std::string address;
  options.custom_socket = listen_somewhere(address);
  const auto host = std::make_shared<Host>(std::move(address));
  for (const auto& type : registered_types()) {
    auto hosted = std::make_shared<HostedType>(*type, host);
    host->types.push_back(hosted.get());
    options.custom_types.push_back(std::move(hosted));
  }
}

}  // namespace mp::internal
