#!/bin/sh
# A training of one's own for taper compare, in the shell: awk fits the line
# y = 2 x - 1 to noisy points, one point an update, and says how far off it is.
#
#   taper compare --exec ./train.sh --steps 500 --seeds 5 \
#       --schedule 'cosine(0.3, 0)' --schedule constant=0.3
set -eu
awk -F, -v seed="$TAPER_SEED" '
    function noise() { return rand() + rand() + rand() + rand() - 2 }

    BEGIN { srand(seed) }

    # Below the header, each line is an update and the rate to use for it.
    NR > 1 {
        x = 2 * rand() - 1
        error = slope * x + shift - (2 * x - 1 + noise())
        slope -= $2 * error * x
        shift -= $2 * error
        if ($1 % 50 == 0)
            printf "{\"step\": %d, \"lr\": %s, \"loss\": %.6g}\n",
                $1, $2, error * error / 2
    }

    # The mean squared distance from the true line over [-1, 1].
    END { printf "{\"metric\": %.9g}\n", (slope - 2)^2 / 3 + (shift + 1)^2 }
' "$TAPER_LR_TABLE"
