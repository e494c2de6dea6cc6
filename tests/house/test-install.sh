#!/bin/sh
# Can a stranger's program use the library that is installed? Builds the same
# example in four ways: pkg-config shared and static, a CMake package, and the
# source tree as a subdirectory.
#
# usage: test-install.sh ROOT BUILD CC
set -eu

root=$1
build=$2
cc=$3
want=$root/tests/data/examples/without_text.txt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix

cmake --install "$build" --prefix "$scratch/first" >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; exit 1; }
# An installed tree works wherever it is moved.
mv "$scratch/first" "$prefix"
libdir=$(dirname "$(find "$prefix" -name 'libtaper.a')")
[ -r "$prefix/include/taper.h" ]

same() {
    LD_LIBRARY_PATH=$libdir "$1" >"$scratch/out"
    diff -u "$want" "$scratch/out" && echo "$2: ok"
}

export PKG_CONFIG_PATH="$libdir/pkgconfig"
# shellcheck disable=SC2046  # flags are words
"$cc" -std=c11 "$root/examples/without_text.c" -o "$scratch/shared" \
    $(pkg-config --cflags --libs taper)
same "$scratch/shared" "pkg-config"
# shellcheck disable=SC2046
"$cc" -std=c11 "$root/examples/without_text.c" -o "$scratch/static" \
    $(pkg-config --cflags taper) "$libdir/libtaper.a"
same "$scratch/static" "static library without libm"

mkdir "$scratch/user" "$scratch/embed"
for way in user embed; do
    {
        echo 'cmake_minimum_required(VERSION 3.25)'
        echo 'project(user LANGUAGES C)'
        if [ $way = user ]; then
            echo 'find_package(taper 0.1 REQUIRED)'
        else
            echo "add_subdirectory(\"$root\" taper)"
        fi
        echo "add_executable(program \"$root/examples/without_text.c\")"
        echo 'target_link_libraries(program taper::static)'
        echo 'install(TARGETS program)'
    } >"$scratch/$way/CMakeLists.txt"
    { cmake -G Ninja -S "$scratch/$way" -B "$scratch/$way/build" \
        -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" &&
        cmake --build "$scratch/$way/build" --target program; } \
        >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
    same "$scratch/$way/build/program" "CMake, $way"
done
# A project installs what it is made of, and not taper unless it asks for it.
cmake --install "$scratch/embed/build" --prefix "$scratch/embedded" \
    >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
extra=$(find "$scratch/embedded" -type f ! -name program)
[ -z "$extra" ] || { echo "embedding installs: $extra"; exit 1; }

# Header, library, pkg-config file and CMake package agree on the version.
for part in MAJOR MINOR PATCH; do
    sed -n "s/^#define TAPER_VERSION_$part //p" "$prefix/include/taper.h"
done >"$scratch/parts"
version=$(paste -sd. "$scratch/parts")
[ "$(pkg-config --modversion taper)" = "$version" ]
[ -e "$libdir/libtaper.so.$version" ]
grep -q "PACKAGE_VERSION \"$version\"" \
    "$libdir/cmake/taper/taper-config-version.cmake"

# The program is installed where there is one.
if [ -e "$build/taper" ]; then
    [ "$("$prefix/bin/taper" at 0.1 0)" = 0.1 ]
fi

# The program in README does what README says it prints.
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$root/README.md" \
    >"$scratch/readme.c"
awk '/^```c$/ { c = 1 } /^```text$/ && c { on = 1; next }
    /^```$/ && on { exit } on' "$root/README.md" >"$scratch/readme.txt"
want=$scratch/readme.txt
# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Werror "$scratch/readme.c" -o "$scratch/readme" \
    $(pkg-config --cflags --libs taper)
same "$scratch/readme" "README"

# Nothing but the public names may leave the shared library.
names=$(nm -D --defined-only "$libdir/libtaper.so" |
    awk '$3 ~ /^(_init|_fini)$/ { next } { print $3 }' | grep -v '^taper_' || :)
[ -z "$names" ] || { echo "exported by accident: $names"; exit 1; }
# It asks for no library but libc.
needs=$(objdump -p "$libdir/libtaper.so" | awk '/NEEDED/ { print $2 }' |
    grep -v '^libc\.' || :)
[ -z "$needs" ] || { echo "the library needs: $needs"; exit 1; }
