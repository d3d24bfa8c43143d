# mp_library(<name> [SOURCES <file>...] [PUBLIC <lib>...] [PRIVATE <lib>...] [INCLUDE <dir>...])
#
# A static library with our warnings, also known as mp::<name without mp_>. Without SOURCES it takes every .cc file beside
# the CMakeLists.txt. INCLUDE names folders that its users see; the root of the project, from where we write our own
# includes (`server/objects/error.h`), is always among the private ones.
#
# A folder without sources yet gives an interface library, so that whatever links it configures all the same.
function(mp_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE;INCLUDE")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "mp_library(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT "SOURCES" IN_LIST ARGV)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS *.cc)
  endif()

  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    set(public PUBLIC)
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE mp_warnings ${arg_PRIVATE})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  else()
    add_library(${name} INTERFACE)
    set(public INTERFACE)
  endif()

  target_compile_features(${name} ${public} cxx_std_20)
  target_include_directories(${name} ${public} ${arg_INCLUDE})
  target_link_libraries(${name} ${public} ${arg_PUBLIC})

  string(REGEX REPLACE "^mp_" "mp::" alias ${name})
  add_library(${alias} ALIAS ${name})
endfunction()
