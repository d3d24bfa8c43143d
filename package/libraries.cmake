# The libraries, a target for each kind (static, shared).

# mp_package_library(<name> COMPONENT <component> RUNTIME <install component> EXPORT_NAME <name> MAP <file>
#                    LAYERS <target>... [BELOW <name>] [PUBLIC <lib>...] [PRIVATE <lib>...])
#
# lib<name> of the objects of LAYERS, on top of the packaged library BELOW, exported as mp::<EXPORT_NAME>.
function(mp_package_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "COMPONENT;RUNTIME;EXPORT_NAME;MAP;BELOW" "LAYERS;PUBLIC;PRIVATE")
  list(TRANSFORM arg_LAYERS REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>")

  foreach(kind IN LISTS MP_PACKAGE_KINDS)
    set(library mp_package_${arg_COMPONENT}_${kind})
    string(TOUPPER ${kind} type)
    add_library(${library} ${type} ${arg_LAYERS})
    target_compile_features(${library} INTERFACE cxx_std_20)
    set_target_properties(
      ${library}
      PROPERTIES OUTPUT_NAME "${name}"
                 EXPORT_NAME "${arg_EXPORT_NAME}"
                 LINKER_LANGUAGE CXX)
    target_link_libraries(${library} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    if(arg_BELOW)
      target_link_libraries(${library} PUBLIC mp_package_${arg_BELOW}_${kind})
    endif()
    if(kind STREQUAL "shared")
      mp_package_shared(${library} "${arg_MAP}")
    endif()

    install(
      TARGETS ${library}
      EXPORT mp-${arg_COMPONENT}-${kind}
      ARCHIVE COMPONENT mp_development
      LIBRARY COMPONENT ${arg_RUNTIME} NAMELINK_COMPONENT mp_development
      INCLUDES
      DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(
      EXPORT mp-${arg_COMPONENT}-${kind}
      NAMESPACE mp::
      DESTINATION "${cmake_folder}"
      COMPONENT mp_development)
  endforeach()
endfunction()

# A shared library shows what its map says, and no symbol of what it is made with: not the templates of the standard
# library that it has instances of, and none of protobuf, Abseil, CLI11 or spdlog.
function(mp_package_shared library map)
  set(made "${CMAKE_CURRENT_BINARY_DIR}/${library}.map")
  configure_file("exports/${map}" "${made}" @ONLY)
  set_target_properties(
    ${library}
    PROPERTIES VERSION "${PROJECT_VERSION}"
               SOVERSION "${MP_PACKAGE_ABI}"
               LINK_DEPENDS "${made}"
               INSTALL_RPATH "$ORIGIN") # wherever the prefix goes, they find one another
  target_link_options(${library} PRIVATE "LINKER:--version-script=${made}" LINKER:--build-id LINKER:-z,now)
  if(NOT MP_SANITIZE) # whose symbols are those of the program
    target_link_options(${library} PRIVATE LINKER:-z,defs)
  endif()
endfunction()

mp_package_library(
  mp-local
  COMPONENT local
  EXPORT_NAME local
  RUNTIME mp_client_runtime
  MAP all_of_mp.map.in
  LAYERS mp_local
  PUBLIC Threads::Threads
  # As client_lib/CMakeLists.txt has it, and why; a user's OpenSSL may lie elsewhere than ours.
  PRIVATE "-Wl$<COMMA>--push-state$<COMMA>--as-needed$<COMMA>$<TARGET_FILE:OpenSSL::Crypto>$<COMMA>--pop-state")
foreach(kind IN LISTS MP_PACKAGE_KINDS)
  target_link_options(mp_package_local_${kind} INTERFACE LINKER:--build-id LINKER:-z,now)
endforeach()

mp_package_library(
  mp-client
  COMPONENT client
  EXPORT_NAME client
  RUNTIME mp_client_runtime
  MAP all_of_mp.map.in
  LAYERS mp_client
  BELOW local)

if(MP_WITHOUT_GRPC)
  return()
endif()

mp_package_library(
  mp
  COMPONENT mp
  EXPORT_NAME whole
  RUNTIME mp_runtime
  MAP manager.map.in
  LAYERS mp_protos_archive mp_grpc_protos_archive mp_objects mp_engine mp_lanes mp_relay mp_node mp_serve mp_embedded
         mp_custom_server
  BELOW client
  PRIVATE protobuf::libprotobuf
          gRPC::grpc++
          absl::btree
          absl::flat_hash_map
          absl::flat_hash_set
          absl::status
          absl::statusor
          absl::strings
          spdlog::spdlog)

# The embedded manager, the lane in the process, and the messages for reflection announce themselves by static objects
# that no program refers to. So mp::mp and mp::server take the archive whole, and have the shared library loaded though a
# linker that was told --as-needed sees no need of it.
set(whole_static "$<LINK_LIBRARY:WHOLE_ARCHIVE,mp::whole>")
set(whole_shared "-Wl,--push-state,--no-as-needed,$<TARGET_FILE:mp::whole>,--pop-state" mp::whole)
foreach(kind IN LISTS MP_PACKAGE_KINDS)
  foreach(name IN ITEMS mp server)
    set(library mp_package_${name}_for_${kind})
    add_library(${library} INTERFACE)
    set_target_properties(${library} PROPERTIES EXPORT_NAME ${name})
    # Named as a user's project knows it: here is nobody who links this.
    target_link_libraries(${library} INTERFACE "$<INSTALL_INTERFACE:${whole_${kind}}>")
    install(TARGETS ${library} EXPORT mp-mp-${kind})
  endforeach()
endforeach()
