#!/usr/bin/env python3
"""PPO on CartPole-v1 in PyTorch: the peer of `taper train cartpole`.

usage: peer_ppo.py [--seed S] [--steps N] [--stop] ...   (--help shows the rest)

The defaults are taper's; RL Baselines3 Zoo's are --batch 256 --epochs 20
--lr 1e-3. Written to be as fast as plain PyTorch allows: NumPy steps all
environments at once, the policy acts without recording gradients, and the value
network sees a rollout in one call and not once a step (Adam's foreach form was
measured and is no faster at this size). Truncated episodes are bootstrapped by
their last observation, as in taper. Prints one JSON object: wall seconds of
training (and the processor's, which say more on a busy machine), and environment
steps and seconds to the first mean return of 475 over 100 episodes (null if that
was not reached).
"""
import argparse
import collections
import json
import time

import numpy as np
import torch

SOLVED, WINDOW, LIMIT = 475.0, 100, 500
DEGREES = 12 * 2 * np.pi / 360


class CartPoles:
    """n environments [n, 4] that restart by themselves."""

    def __init__(self, n, rng):
        self.rng, self.length = rng, np.zeros(n, np.int64)
        self.state = rng.uniform(-0.05, 0.05, (n, 4))

    def step(self, actions):
        """Observations before and after restarts, [n, 4], then terminated,
        truncated and the length of the episode, each [n]."""
        x, x_dot, theta, theta_dot = self.state.T
        s, c = np.sin(theta), np.cos(theta)
        drive = (20.0 * actions - 10.0 + 0.05 * theta_dot * theta_dot * s) / 1.1
        theta_acc = (9.8 * s - c * drive) / (0.5 * (4.0 / 3.0 - 0.1 * c * c / 1.1))
        x_acc = drive - 0.05 * theta_acc * c / 1.1
        last = np.stack([x + 0.02 * x_dot, x_dot + 0.02 * x_acc,
                         theta + 0.02 * theta_dot, theta_dot + 0.02 * theta_acc], 1)
        self.length += 1
        length = self.length.copy()
        terminated = (np.abs(last[:, 0]) > 2.4) | (np.abs(last[:, 2]) > DEGREES)
        truncated = length >= LIMIT
        over = terminated | truncated
        self.state = last
        if over.any():
            self.state = last.copy()
            self.state[over] = self.rng.uniform(-0.05, 0.05, (over.sum(), 4))
            self.length[over] = 0
        return last.astype(np.float32), self.state.astype(np.float32), terminated, truncated, length


def network(outputs, gain, hidden):
    layers, width = [], 4
    for h in hidden:
        layers += [torch.nn.Linear(width, h), torch.nn.Tanh()]
        width = h
    layers.append(torch.nn.Linear(width, outputs))
    for layer in layers[::2]:
        torch.nn.init.orthogonal_(layer.weight, 2 ** 0.5 if layer is not layers[-1] else gain)
        torch.nn.init.zeros_(layer.bias)
    return torch.nn.Sequential(*layers)


class Agent:
    def __init__(self, o):
        torch.manual_seed(o.seed)
        self.o, self.rng = o, np.random.default_rng(o.seed)
        self.policy, self.value = network(2, 0.01, o.hidden), network(1, 1.0, o.hidden)
        self.parameters = [*self.policy.parameters(), *self.value.parameters()]
        self.adam = torch.optim.Adam(self.parameters, lr=o.lr, eps=o.eps)
        self.envs = CartPoles(o.envs, self.rng)
        self.now = self.envs.state.astype(np.float32)
        self.env_steps, self.updates = 0, 0
        self.recent = collections.deque(maxlen=WINDOW)
        self.solved_at = self.solved_seconds = None
        self.start = time.perf_counter()

    def count_episodes(self, over, length):
        for returned in length[over]:
            self.recent.append(int(returned))
            if self.solved_at is None and len(self.recent) == WINDOW and np.mean(self.recent) >= SOLVED:
                self.solved_at = self.env_steps
                self.solved_seconds = time.perf_counter() - self.start

    @torch.no_grad()
    def collect(self):
        o = self.o
        shape = (o.horizon, o.envs)
        observations, last = np.empty((*shape, 4), np.float32), np.empty((*shape, 4), np.float32)
        actions, log_p = np.empty(shape, np.int64), torch.empty(shape)
        terminated, over = np.empty(shape, bool), np.empty(shape, bool)
        rows = torch.arange(o.envs)
        for t in range(o.horizon):
            observations[t] = self.now
            logs = torch.log_softmax(self.policy(torch.from_numpy(self.now)), 1)
            actions[t] = self.rng.random(o.envs) < logs[:, 1].exp().numpy()
            log_p[t] = logs[rows, torch.from_numpy(actions[t])]
            last[t], self.now, terminated[t], truncated, length = self.envs.step(actions[t])
            over[t] = terminated[t] | truncated
            self.env_steps += o.envs
            if over[t].any():
                self.count_episodes(over[t], length)
        values = self.value(torch.from_numpy(np.stack([observations, last]).reshape(-1, 4)))
        values, following = values.numpy().reshape(2, *shape)
        deltas = 1.0 + o.gamma * following * ~terminated - values
        advantages, running = np.empty(shape, np.float32), 0.0
        for t in reversed(range(o.horizon)):
            advantages[t] = running = deltas[t] + o.gamma * o.lam * ~over[t] * running
        return [torch.from_numpy(v.reshape(-1, *v.shape[2:])) for v in
                (observations, actions, log_p.numpy(), advantages, advantages + values)]

    def update(self, observations, actions, old_log_p, advantages, targets):
        o = self.o
        if len(advantages) > 1:
            advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        logs = torch.log_softmax(self.policy(observations), 1)
        ratio = (logs.gather(1, actions[:, None])[:, 0] - old_log_p).exp()
        bounded = ratio.clamp(1 - o.clip, 1 + o.clip)
        loss = -torch.min(ratio * advantages, bounded * advantages).mean()
        loss = loss + o.value_weight * (self.value(observations)[:, 0] - targets).square().mean()
        if o.entropy:
            loss = loss + o.entropy * (logs.exp() * logs).sum(1).mean()
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        for group in self.adam.param_groups:
            group["lr"] = o.lr + (o.final_lr - o.lr) * self.updates / self.most_updates
        torch.nn.utils.clip_grad_norm_(self.parameters, o.max_norm)
        self.adam.step()
        self.updates += 1

    def train(self):
        o = self.o
        samples = o.envs * o.horizon
        rollouts = -(-o.steps // samples)
        self.most_updates = rollouts * o.epochs * -(-samples // o.batch)
        for _ in range(rollouts):
            rollout = self.collect()
            if o.stop and self.solved_at is not None:
                break
            for _ in range(o.epochs):
                if o.batch >= samples:
                    self.update(*rollout)
                    continue
                order = torch.from_numpy(self.rng.permutation(samples))
                for part in order.split(o.batch):
                    self.update(*(v[part] for v in rollout))


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, default in [("seed", 0), ("steps", 100_000), ("envs", 8), ("horizon", 32), ("batch", 32),
                          ("epochs", 4), ("threads", 1)]:
        p.add_argument("--" + name, type=int, default=default, help=f"default {default}")
    for name, default in [("gamma", 0.98), ("lam", 0.8), ("lr", 2e-3), ("final-lr", 0.0), ("clip", 0.2),
                          ("entropy", 0.0), ("value-weight", 0.5), ("max-norm", 0.5), ("eps", 1e-5)]:
        p.add_argument("--" + name, type=float, default=default, help=f"default {default}")
    p.add_argument("--hidden", type=int, nargs="*", default=[64, 64], help="units of each hidden layer")
    p.add_argument("--stop", action="store_true", help="stop once solved")
    return p.parse_args()


o = options()
torch.set_num_threads(o.threads)
cpu_start = time.process_time()
agent = Agent(o)
agent.train()
print(json.dumps({
    "seed": o.seed,
    "wall_seconds": round(time.perf_counter() - agent.start, 3),
    "cpu_seconds": round(time.process_time() - cpu_start, 3),
    "env_steps": agent.env_steps,
    "gradient_steps": agent.updates,
    "env_steps_to_475": agent.solved_at,
    "seconds_to_475": agent.solved_seconds and round(agent.solved_seconds, 3),
    "last_mean_return": float(np.mean(agent.recent)) if agent.recent else None,
    "torch": torch.__version__,
}))
