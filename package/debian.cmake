# Debian packages, by CPack from the preset `package`: `./dev package`.
#
#   libmp-client0.1   libmp-local.so, libmp-client.so             needs no gRPC
#   libmp0.1          libmp.so
#   libmp-dev         headers, links, archives, protos, CMake and pkg-config
#   mp-manager        mp-manager and its systemd unit

if(NOT PROJECT_IS_TOP_LEVEL OR MP_WITHOUT_GRPC OR NOT BUILD_SHARED_LIBS)
  return()
endif()

# What belongs to a system and to no prefix is installed by CPack alone, or where component mp_manager is asked for.
set(debian "${CMAKE_CURRENT_SOURCE_DIR}/debian")
install(FILES "${debian}/mp-manager.service" DESTINATION /lib/systemd/system COMPONENT mp_manager EXCLUDE_FROM_ALL)
install(FILES "${debian}/mp-manager.default" DESTINATION /etc/default RENAME mp-manager COMPONENT mp_manager EXCLUDE_FROM_ALL)

set(MP_PACKAGE_CONTACT "mp maintainers <maintainers@mp.example>" CACHE STRING "Who answers for the packages, and an address")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mp)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_CONTACT "${MP_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON) # /etc and /lib
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL mp_client_runtime mp_runtime mp_development mp_manager)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CMAKE_CURRENT_BINARY_DIR}")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")

# mp_debian_package(<component> <package> <section> DEPENDS <text> SUMMARY <text> TEXT <text> [CONTROL <file>...])
macro(mp_debian_package component package section)
  cmake_parse_arguments(arg "" "DEPENDS;SUMMARY;TEXT" "CONTROL" ${ARGN})
  string(TOUPPER ${component} prefix)
  set(prefix CPACK_DEBIAN_${prefix})
  set(${prefix}_PACKAGE_NAME ${package})
  set(${prefix}_PACKAGE_SECTION ${section})
  set(${prefix}_PACKAGE_DEPENDS "${arg_DEPENDS}")
  set(${prefix}_DESCRIPTION "${arg_SUMMARY}\n${arg_TEXT}")
  set(${prefix}_PACKAGE_CONTROL_EXTRA ${arg_CONTROL})
  install(
    FILES debian/copyright
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${package}"
    COMPONENT ${component}
    EXCLUDE_FROM_ALL)
  install(
    FILES "${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian.gz"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${package}"
    COMPONENT ${component}
    EXCLUDE_FROM_ALL)
endmacro()

# Debian wants them compressed, and without the time of their making.
configure_file(debian/changelog.in changelog.Debian @ONLY)
configure_file(debian/mp-manager.1.in mp-manager.1 @ONLY)
execute_process(
  COMMAND gzip --best --no-name --force --keep changelog.Debian mp-manager.1
  WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
  COMMAND_ERROR_IS_FATAL ANY)
install(
  FILES "${CMAKE_CURRENT_BINARY_DIR}/mp-manager.1.gz"
  DESTINATION "${CMAKE_INSTALL_MANDIR}/man1"
  COMPONENT mp_manager
  EXCLUDE_FROM_ALL)
install(
  FILES "${PROJECT_SOURCE_DIR}/docs/operating.md"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/mp-manager"
  COMPONENT mp_manager
  EXCLUDE_FROM_ALL)

# A trigger runs ldconfig, and only where a library is installed for all.
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/triggers" "activate-noawait ldconfig\n")
set(triggers "${CMAKE_CURRENT_BINARY_DIR}/triggers")

mp_debian_package(
  mp_client_runtime libmp-client${MP_PACKAGE_ABI} libs
  SUMMARY "multiprocessing for C++: local and client libraries"
  TEXT "Processes, pools, queues, locks and shared memory as in Python's\nmultiprocessing, and proxies of the objects that mp-manager serves."
  CONTROL "${triggers}")
mp_debian_package(
  mp_runtime libmp${MP_PACKAGE_ABI} libs
  DEPENDS "libmp-client${MP_PACKAGE_ABI} (= ${PROJECT_VERSION}-1)"
  SUMMARY "multiprocessing for C++: library of the embedded manager"
  TEXT "For programs that serve shared objects themselves: a manager of their\nown, or one that has types of their own."
  CONTROL "${triggers}")
mp_debian_package(
  mp_development libmp-dev libdevel
  DEPENDS "libmp-client${MP_PACKAGE_ABI} (= ${PROJECT_VERSION}-1), libmp${MP_PACKAGE_ABI} (= ${PROJECT_VERSION}-1)"
  SUMMARY "multiprocessing for C++: headers and archives"
  TEXT "Headers, links, archives and the wire's protos, for CMake\n(find_package(mp)) and for pkg-config (mp-local, mp-client, mp)."
  )
set(CPACK_DEBIAN_MP_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_MP_DEVELOPMENT_PACKAGE_SUGGESTS "libssl-dev, libgrpc++-dev, libprotobuf-dev, libabsl-dev, libspdlog-dev")
mp_debian_package(
  mp_manager mp-manager net
  SUMMARY "server of objects that are shared by processes and machines"
  TEXT "Hosts dicts, queues, locks and more for C++ programs on any machine, and\nfor gRPC clients in any language; or is a node's way to another one."
  CONTROL "${debian}/postinst" "${debian}/prerm" "${debian}/postrm" "${debian}/conffiles")

include(CPack)
