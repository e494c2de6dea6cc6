# How every target of taper is compiled, and the two helpers that make one.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -O3 keeps asserts out and vectorises; the flags are the same for gcc and clang.
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG -g1")

add_library(taper-flags INTERFACE)
target_include_directories(taper-flags INTERFACE "${PROJECT_SOURCE_DIR}/include")
target_compile_options(taper-flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes
    # Without these gcc vectorises hardly any curve; the bits are the same.
    -fno-math-errno -fno-trapping-math
    # Contraction to fused multiply-adds would give other bits on other CPUs.
    -ffp-contract=off)
if(TAPER_WERROR)
    target_compile_options(taper-flags INTERFACE -Werror)
endif()
if(TAPER_SANITIZE)
    target_compile_options(taper-flags INTERFACE
        -fsanitize=${TAPER_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    target_link_options(taper-flags INTERFACE -fsanitize=${TAPER_SANITIZE})
    # The loader chooses among the clones of a function before ThreadSanitizer
    # has begun, and the choice, which is instrumented, would crash.
    if(TAPER_SANITIZE MATCHES thread)
        target_compile_definitions(taper-flags INTERFACE TAPER_NO_CLONES)
    endif()
endif()
if(TAPER_COVERAGE)
    target_compile_options(taper-flags INTERFACE --coverage -O0)
    target_link_options(taper-flags INTERFACE --coverage)
endif()

# taper_add_library(NAME SOURCES file... [LINK library...]): an internal static
# library for one folder of src/. Code that uses it includes its headers by
# their path below src/, e.g. "data/dataset.h".
function(taper_add_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    target_compile_definitions(${name} PRIVATE _POSIX_C_SOURCE=200809L)
    target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE taper-flags)
endfunction()

# taper_add_test(NAME SOURCES file... LABELS label... [LINK library...]): one
# cmocka program, one CTest entry.
function(taper_add_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS;ARGS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src"
        "${PROJECT_SOURCE_DIR}/tests")
    target_compile_definitions(${name} PRIVATE _POSIX_C_SOURCE=200809L
        TAPER_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
    target_link_libraries(${name} PRIVATE ${ARG_LINK} taper-flags cmocka)
    add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}"
        TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()
