"""The pages of the site that are not written by hand: environments, commands, and the list of public names.

They come from docstrings and from `--help`, so they cannot drift from the code. `docs/conf.py` calls
`write_all` before each build; what it writes is in `docs/generated`, outside version control. The pages of
the modules are made by sphinx.ext.apidoc.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import gymnasium as gym
from catmouse.commands import COMMANDS
from PIL import Image

import agents
import catmouse_env
from catmouse_env.envs.duel import CatMouseDuelEnv
from catmouse_env.envs.state_sampler import CatMouseStateSamplerVectorEnv

IDS = ("CatMouse-v0", "CatMouseMemory-v0", "CatMouseChase-v0", "CatMouseContinuous-v0")
OTHERS = {"parallel_env": CatMouseDuelEnv, "CatMouseStateSampler-v0": CatMouseStateSamplerVectorEnv}
PICTURED_MOVES = 3  # the teacher's, before the picture is taken
COLUMNS = "80"  # of the terminal that the help is written for


def write_all(folder: Path) -> None:
    """Write all generated pages.

    Args:
        folder: Where they go; made if it is not there.
    """
    environments, commands = folder / "environments", folder / "commands"
    for made in (environments, commands):
        made.mkdir(parents=True, exist_ok=True)
    for env_id in IDS:
        (environments / f"{env_id}.md").write_text(environment(env_id, environments))
    for name, face in OTHERS.items():
        (environments / f"{name}.md").write_text(f"# {name}\n\n{inspect.getdoc(face)}\n")
    for command in COMMANDS:
        (commands / f"{command}.md").write_text(help_page(command))
    (folder / "api.md").write_text(api_page())


def environment(env_id: str, folder: Path) -> str:
    """An environment's page: its picture, how it is made, what its id sets, its class's docstring."""
    env = gym.make(env_id, render_mode="rgb_array")
    _, info = env.reset(seed=0)
    continuous = env.unwrapped.config.continuous
    for _ in range(PICTURED_MOVES):
        *_, info = env.step([info["ideal_direction"]] if continuous else info["ideal_action"])
    Image.fromarray(env.render()).save(folder / f"{env_id}.png")
    settings = [f"`{name}={value!r}`" for name, value in env.spec.kwargs.items() if name != "render_mode"]
    summary, _, rest = inspect.getdoc(type(env.unwrapped)).partition("\n")
    return f"""# {env_id}

![A game of {env_id} after {PICTURED_MOVES} moves as the teacher makes them]({env_id}.png)

{summary}

| | |
| --- | --- |
| One game | `gymnasium.make("{env_id}")` |
| Many games | `gymnasium.make_vec("{env_id}", num_envs=1024)` |
| Action space | `{env.action_space}` |
| Observation space | `{env.observation_space}` |
| What the id sets | {", ".join(settings)} |
| Best mean return, over every start | {env.spec.reward_threshold:.3f} |

{rest.strip()}
"""


def help_page(command: str) -> str:
    """A command's page: what `catmouse COMMAND --help` prints."""
    typed = [sys.executable, "-m", "catmouse", command, "--help"]
    environment = {**os.environ, "COLUMNS": COLUMNS}
    printed = subprocess.run(typed, capture_output=True, text=True, check=True, env=environment).stdout
    return f"# catmouse {command}\n\n```text\n{printed.rstrip()}\n```\n"


def api_page() -> str:
    """The public names of both packages, what each is, and the way to the modules' pages."""
    tables = ""
    for package in (catmouse_env, agents):
        tables += f"\n## {package.__name__}\n\n| name | what |\n| --- | --- |\n"
        for name in package.__all__:
            thing = getattr(package, name)
            if callable(thing):
                target = f"{thing.__module__}.{thing.__qualname__}"
                tables += f"| {{py:obj}}`{name} <{target}>` | {summary_of(thing)} |\n"
    return f"""# The API
{tables}
## All modules

:::{{toctree}}
:maxdepth: 1

catmouse_env/catmouse_env
agents/agents
:::
"""


def summary_of(thing: object) -> str:
    """A docstring's first paragraph on one line."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())
