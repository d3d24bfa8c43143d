# What the installed package is called and which kinds of libraries are in it; package/ makes it.

set(MP_PACKAGE_KINDS static)
if(BUILD_SHARED_LIBS)
  list(APPEND MP_PACKAGE_KINDS shared)
endif()

# The part of the version that names what a program may be run with. Before 1.0 a new minor version may break a user; from
# then on only a new major one.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(MP_PACKAGE_ABI 0.${PROJECT_VERSION_MINOR})
  set(MP_PACKAGE_COMPATIBILITY SameMinorVersion)
else()
  set(MP_PACKAGE_ABI ${PROJECT_VERSION_MAJOR})
  set(MP_PACKAGE_COMPATIBILITY SameMajorVersion)
endif()
