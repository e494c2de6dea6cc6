# The shared library once more for each level of x86-64 that has wider vectors,
# where glibc's loader (2.33 and later) looks before it takes the plain one:
#
#   lib/libtaper.so.0.N                             any x86-64 processor
#   lib/glibc-hwcaps/x86-64-v3/libtaper.so.0.N      AVX2
#   lib/glibc-hwcaps/x86-64-v4/libtaper.so.0.N      AVX-512
#
# So a program that links the shared library gets the one for its processor, in
# the build tree as well as installed, and no code has to choose. All give the
# same bits: nothing is contracted, and no loop adds up in another order.
#
# Sets taper_hwcaps_levels and taper_hwcaps_targets, which are empty where this
# does not apply.

set(taper_hwcaps_levels "")
set(taper_hwcaps_targets "")
# What is built for measuring, and what is built for one processor by the
# user's own flags, is built once.
if(NOT TAPER_HWCAPS OR TAPER_SANITIZE OR TAPER_COVERAGE
    OR CMAKE_C_FLAGS MATCHES "-march=")
    return()
endif()

include(CheckCSourceCompiles)
foreach(level x86-64-v3 x86-64-v4)
    string(MAKE_C_IDENTIFIER "TAPER_COMPILES_FOR_${level}" works)
    set(CMAKE_REQUIRED_FLAGS "-march=${level}")
    check_c_source_compiles("
        #include <limits.h>
        #if !defined __x86_64__ || defined __ILP32__ || !defined __GLIBC__
        #error no glibc for x86-64
        #endif
        int main(void) { return 0; }" ${works})
    unset(CMAKE_REQUIRED_FLAGS)
    if(${works})
        list(APPEND taper_hwcaps_levels ${level})
    endif()
endforeach()

# Only what gives values is compiled again; the rest is shared.
get_target_property(fast taper-schedule TAPER_FAST_SOURCES)
set(names "")
foreach(source ${fast})
    get_filename_component(name "${source}" NAME_WE)
    list(APPEND names ${name})
endforeach()
list(JOIN names "|" names)
set(shared "$<FILTER:$<TARGET_OBJECTS:taper-schedule>,EXCLUDE,/(${names})[.]c[.]o$>")

foreach(level ${taper_hwcaps_levels})
    set(target libtaper-shared-${level})
    add_library(${target} SHARED ${fast} "${shared}")
    add_dependencies(${target} taper-schedule)
    set(folder "${PROJECT_BINARY_DIR}/lib/glibc-hwcaps/${level}")
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME taper
        C_VISIBILITY_PRESET hidden
        LIBRARY_OUTPUT_DIRECTORY "${folder}"
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
    target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
    # Compilers that do not know better use half of AVX-512.
    target_compile_options(${target} PRIVATE -march=${level}
        $<$<STREQUAL:${level},x86-64-v4>:-mprefer-vector-width=512>)
    target_link_libraries(${target} PRIVATE taper-flags)
    target_link_options(${target} PRIVATE ${taper_link_options})
    # A program that links the shared library finds them beside it.
    add_dependencies(libtaper-shared ${target})
    list(APPEND taper_hwcaps_targets ${target})
endforeach()
