# For who builds without CMake: pkg-config's mp-local, mp-client and mp. They give the shared libraries where there are
# some, and otherwise the archives with all that these need.

file(RELATIVE_PATH prefix_from_here "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" prefix_from_here "${prefix_from_here}")

# mp_package_pc(<name> DESCRIPTION <text> LIBS <text> [REQUIRES <text>])
function(mp_package_pc name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESCRIPTION;LIBS;REQUIRES" "")
  configure_file(pkgconfig/mp.pc.in "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" @ONLY)
  install(
    FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
    COMPONENT mp_development)
endfunction()

set(crypto "")
set(whole "-Wl,--push-state,--no-as-needed,-lmp,--pop-state")
set(whole_requires "mp-client = ${PROJECT_VERSION}")
if(NOT BUILD_SHARED_LIBS)
  set(crypto " -Wl,--push-state,--as-needed,-lcrypto,--pop-state")
  set(whole "-Wl,--push-state,--whole-archive,-lmp,--pop-state")
  string(APPEND whole_requires ", grpc++, protobuf, absl_btree, absl_flat_hash_map, absl_flat_hash_set, absl_status, "
                               "absl_statusor, absl_strings, spdlog")
endif()

mp_package_pc(
  mp-local
  DESCRIPTION "Processes, pools, and what they share on one machine; no gRPC, no protobuf"
  LIBS "-lmp-local -pthread -Wl,--build-id -Wl,-z,now${crypto}")
mp_package_pc(
  mp-client
  DESCRIPTION "mp-local, and proxies of a manager's objects; no gRPC, no protobuf"
  LIBS "-lmp-client"
  REQUIRES "mp-local = ${PROJECT_VERSION}")
if(NOT MP_WITHOUT_GRPC)
  mp_package_pc(
    mp
    DESCRIPTION "mp-client, with the embedded manager and managers with types of one's own"
    LIBS "${whole}"
    REQUIRES "${whole_requires}")
endif()
