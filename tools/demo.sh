#!/bin/sh
# make demo: images under three decays, texts under a polynomial, an agent.
#
# usage: demo.sh [BUILD]
#
# Trains the small network on Fashion-MNIST under the cosine, the polynomial
# and the exponential decay, a Transformer on the spam corpus (where it could be
# installed) and PPO on CartPole-v1, then shows a table and says where the
# pictures are. EPOCHS=10 in the environment trains the images longer than the
# epoch and a half of the demo.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
taper=$build/taper
epochs=${EPOCHS:-1.5}

[ -x "$taper" ] || { echo "demo: no $taper yet: run make" >&2; exit 1; }
cmake --build "$build" --target demo-summary >"$build/demo-build.log" 2>&1 || {
    cat "$build/demo-build.log" >&2
    exit 1
}

out=runs/demo-$(date +%Y%m%d-%H%M%S)

# Each decay begins at a peak that suits it: the exponential one spends the
# fewest updates near its peak.
train() {
    echo "== $1: $2"
    "$taper" train image --model cnn --optimizer adamw --schedule "$2" \
        --epochs "$epochs" --tta no --seed 0 --out "$out/$1"
}
train cosine 'cosine(4e-3, 0, 100%)'
train polynomial 'poly(4e-3, 0, 100%, power=2)'
train exponential 'exp(4e-3, rate=0.96, per=1%)'

if tools/fetch-spam --check; then
    echo "== spam: linear(0, 1e-3, 10%) then poly(to=0, power=3)"
    "$taper" train text --epochs 1 --length 128 --out "$out/spam"
fi
echo "== cartpole: linear(2e-3, 0)"
"$taper" train cartpole --out "$out/cartpole"

echo
"$build/demo-summary" "$out/demo.png" "cosine=$out/cosine" \
    "polynomial=$out/polynomial" "exponential=$out/exponential"
for run in spam cartpole; do
    [ ! -s "$out/$run/curves.png" ] || echo "$run: $out/$run/curves.png"
done
