#!/bin/sh
# Draws the README's pictures: the three decays of the first chapter, one
# command each. usage: tools/pictures.sh [PATH/TO/taper]
set -eu
cd "$(dirname "$0")/.."
taper=${1:-build/taper}

"$taper" plot 'cosine(0.1, 0.001, 50, after=mirror)' --steps 200 --title 'Cosine Annealing' -o docs/pictures/cosine.png
"$taper" plot 'poly(0.1, 0, 200, power=2)' --steps 200 --title 'Polynomial Decay' -o docs/pictures/poly.png
"$taper" plot 'exp(0.1, rate=0.96)' --steps 200 --title 'Exponential Decay' -o docs/pictures/exp.png
