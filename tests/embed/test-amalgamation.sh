#!/bin/sh
# Is the amalgamation clean with every compiler that is there, as C11 and as
# C++17, does it keep its names to itself, and does it compute the same bits
# even with the flags of a program that knows nothing of taper?
#
# usage: test-amalgamation.sh HERE AMALGAMATION NATIVE WORK FILE...
#
# HERE is tests/embed, AMALGAMATION the folder of taper.c, NATIVE the program
# print_golden_bits of the library that CMake built. Needs gcc or clang.
set -eu

here=$1
amalgamation=$2
native=$3
work=$4
shift 4
mkdir -p "$work"
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
"$native" "$@" >"$work/native.txt"
builds=0

# build COMPILER FLAG...: compiles taper.c and compares its bits.
build() {
    compiler=$1
    shift
    # shellcheck disable=SC2086  # flags are words
    "$compiler" "$@" $warnings -c "$amalgamation/taper.c" -o "$work/taper.o"
    "$linker" -std=c11 -O1 -I"$amalgamation" -I"$here" "$work/taper.o" \
        "$here/golden_bits.c" "$here/print_golden_bits.c" -o "$work/print"
    # shellcheck disable=SC2086
    "$work/print" $files >"$work/got.txt"
    if ! cmp -s "$work/native.txt" "$work/got.txt"; then
        echo "$compiler $*: not the bits of the library:"
        diff "$work/native.txt" "$work/got.txt" | head -n 10
        exit 1
    fi
    builds=$((builds + 1))
}

# Names that others could see: of C those of taper.h only, of C++ none more in
# a shared library (its tables are hidden, see taper.c).
names() {
    foreign=$(nm -g --defined-only "$work/taper.o" |
        awk 'NF == 3 && $3 !~ /^taper_/ { print $3 }')
    [ -z "$foreign" ] || { echo "$1 lets out: $foreign"; exit 1; }
    # Nothing of libm, and of libc only what moves bytes and allocates.
    needs=$(nm -u "$work/taper.o" | awk '{ print $NF }' | grep -v -x \
        -e malloc -e free -e memcpy -e memset -e memmove -e memcmp -e strlen \
        -e _GLOBAL_OFFSET_TABLE_ -e __stack_chk_fail || :)
    [ -z "$needs" ] || { echo "$1 needs: $needs"; exit 1; }
}

files=$*
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null 2>&1 || continue
    linker=$compiler
    build "$compiler" -std=c11 -O2
    names "$compiler"
    # GNU's C contracts to fused multiply-adds where the processor has them.
    build "$compiler" -std=gnu11 -O3 -march=native
    case $compiler in
    gcc) plus=g++ ;;
    *) plus=clang++ ;;
    esac
    command -v "$plus" >/dev/null 2>&1 || continue
    build "$plus" -x c++ -std=c++17 -O2 -fPIC
    "$plus" -shared "$work/taper.o" -o "$work/taper.so"
    foreign=$(nm -D --defined-only "$work/taper.so" |
        awk '$3 !~ /^(taper_|_init$|_fini$)/ { print $3 }')
    [ -z "$foreign" ] || { echo "$plus lets out: $foreign"; exit 1; }
done
[ "$builds" -gt 0 ] || { echo "skipped: neither gcc nor clang"; exit 77; }

# What would break the promise of the same bits is refused, not ignored.
if "$linker" -std=c11 -ffast-math -c "$amalgamation/taper.c" \
    -o "$work/fast.o" 2>"$work/log"; then
    echo "-ffast-math is not refused"
    exit 1
fi
grep -q 'without -ffast-math' "$work/log"
# Without libc nothing is left to link but what moves bytes.
"$linker" -std=c11 -O0 -DTAPER_NO_MALLOC -c "$amalgamation/taper.c" \
    -o "$work/taper.o"
if nm -u "$work/taper.o" | grep -e malloc -e free; then
    echo "-DTAPER_NO_MALLOC does not keep the allocator of libc out"
    exit 1
fi
echo "$builds builds, $(wc -l <"$work/native.txt") lines of the same bits"
