#!/bin/sh
# Installs taper, moves what was installed to PREFIX, where the tests of its
# users find it, and checks that its parts fit together.
#
# usage: test-install.sh ROOT BUILD PREFIX CC
set -eu

root=$1
build=$2
prefix=$3
cc=$4
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# An installed tree works wherever it is moved.
rm -rf "$prefix" "$prefix.first"
cmake --install "$build" --prefix "$prefix.first" >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; exit 1; }
mv "$prefix.first" "$prefix"
libdir=$(dirname "$(find "$prefix" -name 'libtaper.a')")
[ -r "$prefix/include/taper.h" ]
[ -r "$prefix/include/taper_law.h" ]
export PKG_CONFIG_PATH="$libdir/pkgconfig"

# Header, library, pkg-config file and CMake package agree on the version.
for part in MAJOR MINOR PATCH; do
    sed -n "s/^#define TAPER_VERSION_$part //p" "$prefix/include/taper.h"
done >"$scratch/parts"
version=$(paste -sd. "$scratch/parts")
[ "$(pkg-config --modversion taper)" = "$version" ]
[ -e "$libdir/libtaper.so.$version" ]
grep -q "PACKAGE_VERSION \"$version\"" \
    "$libdir/cmake/taper/taper-config-version.cmake"

# The program is installed where there is one, and so is the manual.
[ -s "$prefix/share/man/man3/taper.3" ]
if [ -e "$build/taper" ]; then
    [ "$("$prefix/bin/taper" at 0.1 0)" = 0.1 ]
    [ -s "$prefix/share/man/man1/taper.1" ]
fi

# The program in README does what README says it prints.
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$root/README.md" \
    >"$scratch/readme.c"
awk '/^```c$/ { c = 1 } /^```text$/ && c { on = 1; next }
    /^```$/ && on { exit } on' "$root/README.md" >"$scratch/readme.txt"
# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Werror "$scratch/readme.c" -o "$scratch/readme" \
    $(pkg-config --cflags --libs taper)
LD_LIBRARY_PATH=$libdir "$scratch/readme" >"$scratch/out"
diff -u "$scratch/readme.txt" "$scratch/out"

# So do the laws, with what an example of them prints.
# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Werror "$root/examples/law.c" \
    -o "$scratch/law" $(pkg-config --cflags --libs taper_law)
LD_LIBRARY_PATH=$libdir "$scratch/law" >"$scratch/out"
diff -u "$root/tests/data/examples/law.txt" "$scratch/out"
