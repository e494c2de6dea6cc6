# libtaper, as programs link it: static and shared, installed with its header, a
# pkg-config file and a CMake package, and usable by add_subdirectory as well.
#
# Both are made of the objects of src/schedule, which show nothing but what
# taper.h declares.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
include(taper-link) # taper_link_options

set_target_properties(taper-schedule taper-law PROPERTIES
    C_VISIBILITY_PRESET hidden)

foreach(kind shared static)
    string(TOUPPER ${kind} type)
    add_library(libtaper-${kind} ${type} $<TARGET_OBJECTS:taper-schedule>)
    set_target_properties(libtaper-${kind} PROPERTIES
        OUTPUT_NAME taper
        LINKER_LANGUAGE C
        ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib"
        LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
    target_include_directories(libtaper-${kind} INTERFACE
        "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
        "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    if(TAPER_SANITIZE)
        target_link_options(libtaper-${kind} PUBLIC
            -fsanitize=${TAPER_SANITIZE})
    endif()
    if(TAPER_COVERAGE)
        target_link_options(libtaper-${kind} PUBLIC --coverage)
    endif()
endforeach()
target_link_options(libtaper-shared PRIVATE ${taper_link_options})
# Before 1.0.0 every minor version may change the interface.
set_target_properties(libtaper-shared PROPERTIES EXPORT_NAME taper
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set_target_properties(libtaper-static PROPERTIES EXPORT_NAME static)
add_library(taper::taper ALIAS libtaper-shared)
add_library(taper::static ALIAS libtaper-static)

# libtaper_law, of the objects of src/law: static, as it is young.
add_library(libtaper-law STATIC $<TARGET_OBJECTS:taper-law>)
set_target_properties(libtaper-law PROPERTIES
    OUTPUT_NAME taper_law
    EXPORT_NAME law
    LINKER_LANGUAGE C
    ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
target_include_directories(libtaper-law INTERFACE
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(libtaper-law INTERFACE libtaper-static m)
add_library(taper::law ALIAS libtaper-law)

include(taper-hwcaps) # the shared library for newer processors

# What `make` builds and `make install` installs: all but the tests.
add_custom_target(taper-product)
add_dependencies(taper-product libtaper-shared libtaper-static libtaper-law
    ${taper_hwcaps_targets})
if(TARGET taper-program)
    add_dependencies(taper-product taper-program)
endif()
if(TARGET taper-mpi)
    add_dependencies(taper-product taper-mpi)
endif()

if(NOT TAPER_INSTALL)
    return()
endif()

install(TARGETS libtaper-shared libtaper-static libtaper-law
    EXPORT taper-targets)
install(FILES "${PROJECT_SOURCE_DIR}/include/taper.h"
    "${PROJECT_SOURCE_DIR}/include/taper_law.h" TYPE INCLUDE)
if(TARGET taper-program)
    install(TARGETS taper-program)
endif()
if(TARGET taper-mpi)
    install(TARGETS taper-mpi LIBRARY
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/taper")
endif()
foreach(level ${taper_hwcaps_levels})
    install(TARGETS libtaper-shared-${level} LIBRARY NAMELINK_SKIP
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/glibc-hwcaps/${level}")
endforeach()

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/taper")
install(EXPORT taper-targets NAMESPACE taper:: DESTINATION "${package}"
    FILE taper-config.cmake)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/taper-version.cmake"
    VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/taper-version.cmake"
    DESTINATION "${package}" RENAME taper-config-version.cmake)

# The prefix is worked out from where the file lies, so that an installed tree
# can be moved.
file(RELATIVE_PATH up "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
string(REGEX REPLACE "/$" "" up "${up}")
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/taper.pc" @ONLY CONTENT
"prefix=\${pcfiledir}/${up}
libdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}

Name: taper
Description: ${PROJECT_DESCRIPTION}
Version: ${PROJECT_VERSION}
Cflags: -I\${includedir}
Libs: -L\${libdir} -ltaper
")
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/taper_law.pc" @ONLY CONTENT
"prefix=\${pcfiledir}/${up}
libdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}

Name: taper_law
Description: Loss-curve laws: predict the loss of a learning-rate schedule
Version: ${PROJECT_VERSION}
Requires: taper
Cflags: -I\${includedir}
Libs: -L\${libdir} -ltaper_law -lm
")
install(FILES "${PROJECT_BINARY_DIR}/taper.pc" "${PROJECT_BINARY_DIR}/taper_law.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
