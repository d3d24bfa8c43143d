# mp_warnings: the warnings that every target of ours links privately.
#
# They are errors for us and never for a project that includes this one, whose compiler may know more than ours.

option(MP_WARNINGS_AS_ERRORS "Treat the warnings of our own code as errors" ${PROJECT_IS_TOP_LEVEL})

add_library(mp_warnings INTERFACE)
target_compile_options(
  mp_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wnon-virtual-dtor
            -Wold-style-cast
            $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
            # GCC 12 sees an overlap in any `"literal" + std::string` once it is inlined (GCC bug 105329).
            $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
            $<$<BOOL:${MP_WARNINGS_AS_ERRORS}>:-Werror>)
