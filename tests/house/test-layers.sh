#!/bin/sh
# Does check-layers.sh find what it exists to find? Each violation is planted in
# a small tree of its own and has to be reported at its file and line; the tree
# without it has to pass.
#
# usage: test-layers.sh ROOT
set -eu

root=$1
check=$root/tests/house/check-layers.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

fresh_tree() {
    rm -rf "$scratch/tree"
    mkdir -p "$scratch/tree/src/schedule" "$scratch/tree/src/nn" \
        "$scratch/tree/src/cli" "$scratch/tree/src/plot" \
        "$scratch/tree/include" "$scratch/tree/examples"
    echo '#include <stdint.h>' >"$scratch/tree/include/taper.h"
    printf '#include <taper.h>\n#include <stdlib.h>\n' \
        >"$scratch/tree/src/schedule/allocator.c"
    printf '#include "nn/a.h"\n#include <dnnl.h>\n' >"$scratch/tree/src/nn/a.c"
    echo '#include "plot/a.h"' >"$scratch/tree/src/cli/a.c"
    echo '#include <taper.h>' >"$scratch/tree/examples/a.c"
}

# refuses FILE LINE: the tree with LINE as FILE's second line must not pass.
refuses() {
    fresh_tree
    mkdir -p "$(dirname "$scratch/tree/$1")"
    printf '/* planted */\n%s\n' "$2" >"$scratch/tree/$1"
    if "$check" "$scratch/tree" >"$scratch/out" 2>&1; then
        echo "not found: '$2' in $1"
        status=1
    elif ! grep -q "^$1:[12]: " "$scratch/out"; then
        echo "found, but not at $1: '$2'"
        cat "$scratch/out"
        status=1
    fi
}

fresh_tree
"$check" "$scratch/tree" || { echo "the clean tree is refused"; status=1; }

refuses src/cli/b.c '#include <dnnl.h>'
refuses src/task/b.c '#include <oneapi/dnnl/dnnl.h>'
refuses src/schedule/b.c '#include <stdlib.h>'
refuses src/schedule/b.c '#include <math.h>'
refuses src/schedule/b.c '  #  include <stdio.h>'
refuses src/schedule/b.c '#include "plot/a.h"'
refuses src/plot/b.c '#include "cli/a.h"'
refuses src/nn/b.c '#include "schedule/a.h"'
refuses src/nn/b.c '#include "a.h"'
refuses src/nn/b.c '#include "../schedule/a.h"'
refuses src/nn/b.c '#include HEADER'
refuses src/optim/b.c '#include <immintrin.h>'
refuses src/unheard/b.c '#include <stdint.h>'
refuses include/b.h '#include <stdio.h>'
refuses examples/b.c '#include "schedule/a.h"'

# Every folder below src/ has a row in the table and one on the page.
for folder in "$root"/src/*/; do
    name=src/$(basename "$folder")
    grep -q "^layer $name " "$root/tests/house/layers.txt" ||
        { echo "$name has no row in layers.txt"; status=1; }
    grep -q "^| \`$name/\` |" "$root/docs/architecture.md" ||
        { echo "$name has no row in docs/architecture.md"; status=1; }
done
exit $status
