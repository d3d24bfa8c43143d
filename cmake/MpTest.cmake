# mp_test(NAME <name> LABEL <label> SOURCES <file>... [LIBS <lib>...] [PROGRAMS <target>...]
#         [ENVIRONMENT <VAR=value>...] [TIMEOUT <seconds>] [OWN_MAIN] [PRECOMPILE <header>...])
#
# A GoogleTest program, each of whose tests ctest runs by itself, as `<name>/<Suite>.<Test>` with <label> (unit, contract,
# fork, faults, stress, e2e, lint) and a time limit (120 s unless said).
#
#   PROGRAMS  executables it runs: built first, and known to its code as a path, mp-manager as MP_MANAGER_PATH.
#   PRECOMPILE  headers of others that its sources include, beside GoogleTest's (MpPrecompile.cmake).
#   OWN_MAIN  main() is among its sources: one that calls mp::init(), so that its children can be spawned.
#
# One whose libraries are not in this build (MP_WITHOUT_GRPC) is left out, and said so; outside of such a build a missing
# library is an error.

include(GoogleTest)

function(mp_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "OWN_MAIN" "NAME;LABEL;TIMEOUT" "SOURCES;LIBS;PROGRAMS;ENVIRONMENT;PRECOMPILE")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME OR NOT arg_LABEL OR NOT arg_SOURCES)
    message(FATAL_ERROR "mp_test(${arg_NAME}): NAME, LABEL and SOURCES are needed; unknown: '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT MP_BUILD_TESTS)
    return()
  endif()
  mp_find_missing_targets(missing ${arg_LIBS} ${arg_PROGRAMS})
  if(missing)
    if(NOT MP_WITHOUT_GRPC)
      message(FATAL_ERROR "mp_test(${arg_NAME}): no such target: ${missing}")
    endif()
    message(STATUS "Left out without gRPC: test ${arg_NAME} (needs ${missing})")
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()

  add_executable(${arg_NAME} ${arg_SOURCES})
  target_compile_features(${arg_NAME} PRIVATE cxx_std_20)
  target_include_directories(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${arg_NAME} PRIVATE mp_warnings ${arg_LIBS} $<IF:$<BOOL:${arg_OWN_MAIN}>,GTest::gmock,GTest::gmock_main>)
  mp_know_programs(${arg_NAME} ${arg_PROGRAMS})
  mp_precompile(${arg_NAME} HEADERS <gmock/gmock.h> <gtest/gtest.h> ${arg_PRECOMPILE})

  gtest_discover_tests(
    ${arg_NAME}
    TEST_PREFIX "${arg_NAME}/"
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60 # the default of 5 s is short for an instrumented program on a busy machine
    PROPERTIES
      LABELS "${arg_LABEL}"
      TIMEOUT "${arg_TIMEOUT}"
      ENVIRONMENT "${MP_SANITIZER_ENVIRONMENT};${arg_ENVIRONMENT}")
endfunction()

# mp_fuzzer(NAME <name> SOURCES <file>... [LIBS <lib>...]): a libFuzzer program; `./dev fuzz <name>` runs it.
function(mp_fuzzer)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LIBS")
  if(NOT MP_BUILD_FUZZERS)
    return()
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_compile_features(${arg_NAME} PRIVATE cxx_std_20)
  target_include_directories(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${arg_NAME} PRIVATE mp_warnings ${arg_LIBS})
  target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
endfunction()

# Those of the project's own targets among <name>... that this build does not have.
function(mp_find_missing_targets result)
  set(missing "")
  foreach(name IN LISTS ARGN)
    if(name MATCHES "^mp(_|-|::)" AND NOT TARGET ${name})
      list(APPEND missing ${name})
    endif()
  endforeach()
  set(${result} "${missing}" PARENT_SCOPE)
endfunction()

function(mp_know_programs target)
  foreach(program IN LISTS ARGN)
    string(TOUPPER "${program}_PATH" macro)
    string(REPLACE "-" "_" macro "${macro}")
    add_dependencies(${target} ${program})
    target_compile_definitions(${target} PRIVATE "${macro}=\"$<TARGET_FILE:${program}>\"")
  endforeach()
endfunction()
