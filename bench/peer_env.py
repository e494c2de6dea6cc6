#!/usr/bin/env python3
"""Steps of CartPole-v1 a second under a random policy: the peer of bench_env.

usage: peer_env.py [gymnasium|vector|python] [SECONDS]     (default: gymnasium)

gymnasium: one environment of gymnasium.make, with its wrappers, as most people
run it; vector: CartPoleVectorEnv with 256 environments; python: the equations
in a plain function. Prints one number; exits 77 if Gymnasium is not installed.
"""
import math
import random
import sys
import time

kind = sys.argv[1] if len(sys.argv) > 1 else "gymnasium"
limit = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0


def step(state, action):
    x, x_dot, theta, theta_dot = state
    s, c = math.sin(theta), math.cos(theta)
    drive = ((10.0 if action else -10.0) + 0.05 * theta_dot * theta_dot * s) / 1.1
    theta_acc = (9.8 * s - c * drive) / (0.5 * (4.0 / 3.0 - 0.1 * c * c / 1.1))
    x_acc = drive - 0.05 * theta_acc * c / 1.1
    state = (x + 0.02 * x_dot, x_dot + 0.02 * x_acc, theta + 0.02 * theta_dot, theta_dot + 0.02 * theta_acc)
    return state, abs(state[0]) > 2.4 or abs(state[2]) > 0.20943951023931953


def plain(steps):
    state, length = [random.uniform(-0.05, 0.05) for _ in range(4)], 0
    for _ in range(steps):
        state, over = step(state, random.getrandbits(1))
        length += 1
        if over or length == 500:
            state, length = [random.uniform(-0.05, 0.05) for _ in range(4)], 0
    return steps


def single(env, steps):
    for _ in range(steps):
        _, _, terminated, truncated, _ = env.step(random.getrandbits(1))
        if terminated or truncated:
            env.reset()
    return steps


def vector(env, steps):
    for _ in range(steps // env.num_envs):
        env.step(env.action_space.sample())
    return steps // env.num_envs * env.num_envs


def runner():
    if kind == "python":
        return plain
    try:
        import gymnasium
    except ImportError:
        print("peer_env: Gymnasium is not installed", file=sys.stderr)
        sys.exit(77)
    if kind == "vector":
        env = gymnasium.make_vec("CartPole-v1", num_envs=256, vectorization_mode="vector_entry_point")
        play = vector
    else:
        env, play = gymnasium.make("CartPole-v1"), single
    env.reset(seed=1)
    return lambda steps: play(env, steps)


run = runner()
rates, end = [], time.perf_counter() + limit
while time.perf_counter() < end or len(rates) < 3:
    start = time.perf_counter()
    done = run(20000)
    rates.append(done / (time.perf_counter() - start))
print(f"{sorted(rates)[len(rates) // 2]:.0f}")
