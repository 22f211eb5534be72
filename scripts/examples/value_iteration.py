"""Value iteration on CatMouse's transition table, as courses teach it on FrozenLake.

Needs nothing but the package: pip install -e ".[play]" (for pictures; not needed here)
"""

from __future__ import annotations

import sys
from typing import Any

try:
    import gymnasium as gym
    import numpy as np

    import catmouse_env  # noqa: F401  (registers the environments)
    from catmouse_env.planning import optimal_values
except ImportError as error:
    sys.exit(f'{error.name} is missing: pip install -e ".[play]"')

env: Any = gym.make("CatMouseChase-v0", cat="wandering", max_steps=10)
P = env.unwrapped.P
V = np.zeros(len(P))
for left in range(1, 11):  # with so many moves left
    Q = np.array(
        [
            [sum(p * (r + (not over) * V[s]) for p, s, r, over in P[state][action]) for action in P[state]]
            for state in P
        ]
    )
    V = Q.max(axis=1)
    print(f"{left:>2} moves left: mean value of a start {V @ env.unwrapped.initial_state_distrib:7.4f}")

known = optimal_values(env.unwrapped.config)[10]
starts = env.unwrapped.config.dynamics.start_states
assert np.allclose(V[starts], known[starts], rtol=0, atol=1e-12), "backward induction says something else"

policy = Q.argmax(axis=1)  # for the first move, with ten left
observation, _ = env.reset(seed=0)
state = env.unwrapped.config.dynamics.state_of(observation[None])[0]
print("a first move:", policy[state], "from", observation)
