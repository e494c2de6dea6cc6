#!/bin/sh
# Text classification by a Transformer under polynomial decay of degree 3, as in
# the article: Adam, and the rate from 0.1 to 0. DATA names a set of texts;
# without it the SpamAssassin corpus.
. "$(dirname "$0")/run.sh"
both text 'poly(0.1, 0, 100%, power=3)' \
    'linear(0, 1e-3, 10%) then poly(to=0, power=3)' \
    --data "${DATA:-spam}" "$@"
