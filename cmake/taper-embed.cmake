# Writes files as C arrays, so that a program carries them:
#
#   cmake -DOUTPUT=out.c -DHEADER=include.h "-DFILES=name=path|name=path"
#       -P taper-embed.cmake
#
# An empty path makes an empty array. Each array ends in a NUL that is no part of
# the file.
set(text "/* Written by taper-embed.cmake. */\n#include \"${HEADER}\"\n")
string(REPLACE "|" ";" FILES "${FILES}")
foreach(item IN LISTS FILES)
    string(REGEX MATCH "^([a-z_]+)=(.*)$" matched "${item}")
    set(name "${CMAKE_MATCH_1}")
    set(path "${CMAKE_MATCH_2}")
    set(bytes "")
    if(path)
        file(READ "${path}" bytes HEX)
        string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
        # Lines of 16 bytes: some compilers refuse longer ones.
        string(REGEX REPLACE
            "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
            "\\1\n" bytes "${bytes}")
    endif()
    string(APPEND text "\nconst unsigned char ${name}[] = {\n${bytes}0};\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
