# Everything the project takes from outside, found once and here, because imported targets are visible only below the
# folder that finds them. All of it is packaged in Debian 12; `./dev setup` installs it.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf 3.21 MODULE REQUIRED) # Debian ships no protobuf-config.cmake

if(NOT MP_WITHOUT_GRPC)
  find_package(gRPC CONFIG REQUIRED)
  find_package(spdlog CONFIG REQUIRED)
  find_package(CLI11 CONFIG REQUIRED)
endif()

# The client encodes with protozero, which is headers only and has no CMake package.
find_path(MP_PROTOZERO_INCLUDE_DIR protozero/pbf_writer.hpp REQUIRED)
mark_as_advanced(MP_PROTOZERO_INCLUDE_DIR)

# Health and reflection as the gRPC project publishes them.
find_path(MP_GRPC_PROTO_DIR grpc/health/v1/health.proto PATHS /usr/share/grpc-proto NO_DEFAULT_PATH REQUIRED)
mark_as_advanced(MP_GRPC_PROTO_DIR)

if(MP_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
