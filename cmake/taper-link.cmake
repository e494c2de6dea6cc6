# How the shared library is linked to be small. Sets taper_link_options.
#
# Its calls of its own functions go straight to them: no program is meant to put
# others in their place.
#
# The addresses in its tables are listed as a bitmap (DT_RELR) and not as a record
# each, which takes an eighth off the file. The loader must know that: glibc does
# since 2.36, and an older one refuses such a library. So it is done where the
# glibc to build with is as new; TAPER_RELR=OFF is for a library that is built
# there to be used where glibc is older.

include(CheckCSourceCompiles)
include(CheckLinkerFlag)

set(taper_link_options "")
check_linker_flag(C "LINKER:-Bsymbolic-functions" TAPER_LINKS_SYMBOLIC)
if(TAPER_LINKS_SYMBOLIC)
    list(APPEND taper_link_options "LINKER:-Bsymbolic-functions")
endif()

if(TAPER_RELR)
    set(CMAKE_REQUIRED_LINK_OPTIONS "LINKER:-z,pack-relative-relocs")
    check_c_source_compiles("
        #include <limits.h>
        #if !defined __GLIBC_PREREQ
        #error no glibc
        #elif !__GLIBC_PREREQ(2, 36)
        #error its loader does not know DT_RELR
        #endif
        int main(void) { return 0; }" TAPER_LINKS_RELR)
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
    if(TAPER_LINKS_RELR)
        list(APPEND taper_link_options "LINKER:-z,pack-relative-relocs")
    endif()
endif()
