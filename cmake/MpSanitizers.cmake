# MP_SANITIZE: the sanitizers that everything is compiled and linked with, as in -fsanitize=.
#
# The presets use "address,undefined" on everything, and "thread" together with MP_WITHOUT_GRPC: the packaged gRPC and
# absl::Mutex are not instrumented, and ThreadSanitizer then reports races that are none.

set(MP_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize= (address,undefined or thread)")

if(MP_SANITIZE MATCHES "thread" AND NOT MP_WITHOUT_GRPC)
  message(FATAL_ERROR "MP_SANITIZE=${MP_SANITIZE} needs MP_WITHOUT_GRPC=ON: the packaged gRPC is not instrumented, "
                      "and its reports would drown ours.")
endif()

if(MP_SANITIZE)
  add_compile_options(-fsanitize=${MP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MP_SANITIZE})
endif()
if(MP_SANITIZE MATCHES "thread")
  add_compile_options(-Wno-maybe-uninitialized)  # GCC 12 sees uses of variants there that are none
endif()

# What the sanitizers are told when a test runs.
set(MP_SANITIZER_ENVIRONMENT "")
if(MP_SANITIZE MATCHES "address")
  list(APPEND MP_SANITIZER_ENVIRONMENT "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1")
endif()
if(MP_SANITIZE MATCHES "undefined")
  list(APPEND MP_SANITIZER_ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1")
endif()
if(MP_SANITIZE MATCHES "thread")
  list(APPEND MP_SANITIZER_ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=${CMAKE_CURRENT_LIST_DIR}/tsan_suppressions.txt")
endif()
