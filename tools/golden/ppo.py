#!/usr/bin/env python3
"""What PyTorch's automatic gradients are of PPO's and REINFORCE's losses, and
what a plain loop makes of advantages.

usage: ppo.py > tests/data/task/ppo.txt     (needs torch and numpy)

The losses are written here from their formulas, in torch's operations and in
float64; the text is read by tests/task/test_ppo.c, test_reinforce.c and
test_rollout.c.
"""
import sys

import numpy
import torch

# samples, actions, clip range, entropy weight, value weight, normalise
PPO = [(1, 2, 0.2, 0.0, 0.5, 1), (7, 2, 0.2, 0.01, 0.5, 1),
       (64, 2, 0.1, 0.0, 1.0, 1), (33, 5, 0.3, 0.1, 0.25, 0),
       (16, 2, 0.0, 0.05, 0.0, 1)]
# samples, actions, entropy weight, value weight, mean (None: values)
REINFORCE = [(1, 2, 0.0, 0.5, 3.0), (40, 2, 0.01, 0.5, None),
             (25, 4, 0.0, 0.0, 0.0), (31, 3, 0.2, 0.7, 12.5)]
# environments, horizon, gamma, lambda
GAE = [(1, 1, 0.99, 0.95), (3, 9, 0.98, 0.8), (2, 16, 1.0, 1.0),
       (4, 12, 0.9, 0.0)]


def row(word, values):
    """One line of text; nine digits give back the same float."""
    print(word, *("%.9g" % float(v) for v in values))


def floats(random, *shape, scale=1.0):
    return (scale * random.standard_normal(shape)).astype(numpy.float32)


def as_double(values):
    return torch.tensor(values.astype(numpy.float64), requires_grad=True)


def ppo_case(random, n, actions, clip, entropy_weight, value_weight, normalise):
    logits, values = as_double(floats(random, n, actions)), \
        as_double(floats(random, n))
    chosen = random.integers(0, actions, n)
    taken = torch.distributions.Categorical(logits=logits)
    # Policies that have moved by up to half, so that many ratios are held.
    old = (taken.log_prob(torch.tensor(chosen)).detach().numpy()
           + floats(random, n, scale=0.3)).astype(numpy.float32)
    advantages, targets = floats(random, n, scale=3), floats(random, n, scale=2)
    a = torch.tensor(advantages.astype(numpy.float64))
    if normalise and n > 1:
        a = (a - a.mean()) / (a.std() + 1e-8)
    log_ratio = taken.log_prob(torch.tensor(chosen)) - torch.tensor(
        old.astype(numpy.float64))
    ratio = log_ratio.exp()
    policy = -torch.min(ratio * a, ratio.clamp(1 - clip, 1 + clip) * a).mean()
    value = torch.nn.functional.mse_loss(
        values, torch.tensor(targets.astype(numpy.float64)))
    entropy = taken.entropy().mean()
    loss = policy + value_weight * value - entropy_weight * entropy
    loss.backward()
    row("ppo", [n, actions, clip, entropy_weight, value_weight, normalise])
    row("logits", logits.detach().numpy().ravel())
    row("values", values.detach().numpy())
    row("chosen", chosen)
    row("old", old)
    row("advantages", advantages)
    row("targets", targets)
    row("losses", [loss, policy, value, entropy,
                   (ratio - 1 - log_ratio).mean(),
                   ((ratio - 1).abs() > clip).double().mean()])
    row("dlogits", logits.grad.numpy().ravel())
    row("dvalues", values.grad.numpy())


def reinforce_case(random, n, actions, entropy_weight, value_weight, mean):
    logits, values = as_double(floats(random, n, actions)), \
        as_double(floats(random, n, scale=5))
    chosen = random.integers(0, actions, n)
    returns = floats(random, n, scale=10)
    g = torch.tensor(returns.astype(numpy.float64))
    surplus = g - (values.detach() if mean is None else mean)
    a = surplus / ((surplus ** 2).mean().sqrt() + 1e-8)
    taken = torch.distributions.Categorical(logits=logits)
    policy = -(a * taken.log_prob(torch.tensor(chosen))).mean()
    value = ((values - g) ** 2).mean() if mean is None else torch.tensor(0.0)
    entropy = taken.entropy().mean()
    loss = policy + value_weight * value - entropy_weight * entropy
    loss.backward()
    row("reinforce", [n, actions, entropy_weight, value_weight,
                      mean is None, mean or 0])
    row("logits", logits.detach().numpy().ravel())
    row("values", values.detach().numpy())
    row("chosen", chosen)
    row("returns", returns)
    row("losses", [loss, policy, value, entropy])
    row("dlogits", logits.grad.numpy().ravel())
    row("dvalues", values.grad.numpy() if mean is None else numpy.zeros(n))


def gae_case(random, envs, horizon, gamma, lam):
    """The definition: a discounted sum of deltas up to the episode's end."""
    shape = horizon, envs
    rewards, values = floats(random, *shape), floats(random, *shape, scale=5)
    following = floats(random, *shape, scale=5)
    terminated = (random.random(shape) < 0.2).astype(int)
    truncated = (random.random(shape) < 0.2).astype(int)
    delta = rewards.astype(float) + gamma * following.astype(float) * (
        1 - terminated) - values
    advantages = numpy.zeros(shape)
    for t in range(horizon):
        for e in range(envs):
            for k in range(t, horizon):
                advantages[t, e] += (gamma * lam) ** (k - t) * delta[k, e]
                if terminated[k, e] or truncated[k, e]:
                    break
    row("gae", [envs, horizon, gamma, lam])
    for name, array in (("rewards", rewards), ("values", values),
                        ("following", following), ("terminated", terminated),
                        ("truncated", truncated), ("advantages", advantages)):
        row(name, array.ravel())


def main():
    torch.set_num_threads(1)
    random = numpy.random.default_rng(20260401)
    print("# torch %s, numpy %s, Python %s" %
          (torch.__version__, numpy.__version__, sys.version.split()[0]))
    print("# command: tools/golden/ppo.py > tests/data/task/ppo.txt")
    print("cases", len(PPO), len(REINFORCE), len(GAE))
    for case in PPO:
        ppo_case(random, *case)
    for case in REINFORCE:
        reinforce_case(random, *case)
    for case in GAE:
        gae_case(random, *case)


if __name__ == "__main__":
    main()
