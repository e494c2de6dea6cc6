#!/bin/sh
# CartPole-v1 under cosine annealing by episode, as in the article: the rate from
# 0.1 to 0.001 over 300 episodes (the unit ep of an agent). The better one counts
# updates: a good policy makes long episodes, so that the last ones come late.
. "$(dirname "$0")/run.sh"
both cartpole 'cosine(0.1, 0.001, 300ep)' 'linear(2e-3, 0)' "$@"
