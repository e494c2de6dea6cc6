#!/bin/sh
# Image classification under cosine annealing, as in the article: Adam, and the
# rate from 0.1 to 0.001 along half a cosine. DATA=cifar10 is the article's set;
# without it Fashion-MNIST, which every machine can have.
. "$(dirname "$0")/run.sh"
both image 'cosine(0.1, 0.001, 100%)' \
    'linear(0, 2e-3, 10%) then cosine(to=0)' \
    --data "${DATA:-fashion-mnist}" "$@"
