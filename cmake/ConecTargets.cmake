# Helpers that keep every room's CMakeLists.txt a list of what is in the room.

# conec_library(NAME SOURCES a.cc ... HEADERS a.h ... CUDA_SOURCES b_cuda.cc b_kernels.cu ... STUBS b_stub.cc ...
#               PUBLIC_DEPS ... PRIVATE_DEPS ... COMPONENT component UNITY)
# One library per folder, target conec_NAME, alias conec::NAME. HEADERS are the room's contract: they are installed, and
# include only each other and what PUBLIC_DEPS offer; headers of the room's own are not listed. STUBS are the library's
# instead of CUDA_SOURCES when the build has no CUDA, so that no header and no common source needs an #ifdef; when it has,
# conec_NAME_stubs are those alone, for tests. COMPONENT: outside projects get the library, and have to
# have what it needs, only if they ask for it: find_package(conec COMPONENTS component). UNITY: see conec_unity().
function(conec_library name)
  cmake_parse_arguments(PARSE_ARGV 1 A "UNITY" "COMPONENT" "SOURCES;HEADERS;CUDA_SOURCES;STUBS;PUBLIC_DEPS;PRIVATE_DEPS")
  add_library(conec_${name} STATIC ${A_SOURCES})
  add_library(conec::${name} ALIAS conec_${name})
  set_target_properties(conec_${name} PROPERTIES EXPORT_NAME ${name})
  if(CONEC_CUDA AND A_CUDA_SOURCES)
    target_sources(conec_${name} PRIVATE ${A_CUDA_SOURCES})
    target_link_libraries(conec_${name} PRIVATE CUDA::cudart_static)
    add_library(conec_${name}_stubs OBJECT ${A_STUBS})  # that they compile, and for the test of builds without CUDA
    target_link_libraries(conec_${name}_stubs PRIVATE ${A_PUBLIC_DEPS})
    target_include_directories(conec_${name}_stubs PRIVATE ${PROJECT_SOURCE_DIR})
    conec_warnings(conec_${name}_stubs)
  elseif(A_STUBS)
    target_sources(conec_${name} PRIVATE ${A_STUBS})
  endif()
  target_sources(conec_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${A_HEADERS})
  target_include_directories(conec_${name} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/conec>)
  target_compile_features(conec_${name} PUBLIC cxx_std_20)
  conec_warnings(conec_${name})
  if(A_UNITY)
    conec_unity(conec_${name})
  endif()
  target_link_libraries(conec_${name} PUBLIC ${A_PUBLIC_DEPS} PRIVATE ${A_PRIVATE_DEPS})
  set(export conecTargets)
  if(A_COMPONENT)
    set(export conec-${A_COMPONENT}Targets)
  endif()
  set_property(GLOBAL APPEND PROPERTY CONEC_EXPORTS ${export})
  set_property(GLOBAL APPEND PROPERTY CONEC_LIBS_OF_${export} conec_${name})
endfunction()

# The warnings that every target of ours compiles with.
function(conec_warnings target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wshadow>
    # At -O3 GCC 12 sees overlapping copies in std::string's own assignment (GCC bug 105651); -O2 -g does not have it.
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>,$<NOT:$<CONFIG:Debug,RelWithDebInfo>>>:-Wno-restrict>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${CONEC_WERROR}>>:-Werror>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${CONEC_NATIVE}>>:-march=native>)
endfunction()

# Compiles the sources of a target several at a time: for those whose every file includes LibTorch, or CLI11 and JSON,
# parsing headers is most of what compiling takes. In exchange, names in the unnamed namespaces of a target's files must
# differ, and a change to one file compiles its neighbours again; configure with -DCONEC_UNITY=OFF where that matters more,
# or for an editor that wants every file in compile_commands.json. A source with compile options of its own is compiled by
# itself.
function(conec_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${CONEC_UNITY} UNITY_BUILD_BATCH_SIZE ${CONEC_UNITY_FILES})
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Of instrumented code GCC warns without cause, here of the optionals in LibTorch's headers.
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
endfunction()

# conec_tool(conec-train conec_train.cc LIBS ...): a program, built into the build tree's bin/ and installed. The target
# `programs` builds all of them, without the tests.
function(conec_tool name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "LIBS")
  add_executable(${name} ${A_UNPARSED_ARGUMENTS})
  conec_warnings(${name})
  conec_unity(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  target_link_libraries(${name} PRIVATE ${A_LIBS})
  if(NOT TARGET programs)
    add_custom_target(programs)
  endif()
  add_dependencies(programs ${name})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# Installs all libraries of conec_library() with headers, and the package files for find_package(conec): conecTargets.cmake,
# and conec-COMPONENTTargets.cmake for each component.
function(conec_install)
  include(CMakePackageConfigHelpers)
  get_property(exports GLOBAL PROPERTY CONEC_EXPORTS)
  list(REMOVE_DUPLICATES exports)
  foreach(export ${exports})
    get_property(libs GLOBAL PROPERTY CONEC_LIBS_OF_${export})
    install(TARGETS ${libs} EXPORT ${export}
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/conec)
    install(EXPORT ${export} NAMESPACE conec:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/conec)
  endforeach()
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/conecConfig.cmake.in
    ${PROJECT_BINARY_DIR}/conecConfig.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/conec)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/conecConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/conecConfig.cmake ${PROJECT_BINARY_DIR}/conecConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/conec)
endfunction()
