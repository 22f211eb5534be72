"""The same worlds in JAX: pure functions over the very tables of `Dynamics` and `ExpertLabels`.

Needs JAX: `pip install "catmouse-env[jax]"`. Nothing here is imported otherwise.

    env, params = catmouse_env.jax.make("CatMouse-v0")      # as gymnax.make
    FunctionalCatMouse("CatMouse-v0")                       # a FuncEnv of Gymnasium
    CatMouseDuel()                                          # two players, as JaxMARL's environments
"""

from __future__ import annotations

try:
    import jax as _jax  # noqa: F401
except ImportError as error:
    raise ImportError('catmouse_env.jax needs JAX: pip install "catmouse-env[jax]"') from error

from catmouse_env.jax.duel import CatMouseDuel
from catmouse_env.jax.environment import CatMouse, DoneStep, make
from catmouse_env.jax.functional import FunctionalCatMouse
from catmouse_env.jax.game import Game
from catmouse_env.jax.tables import EnvState, Tables

__all__ = ["CatMouse", "CatMouseDuel", "DoneStep", "EnvState", "FunctionalCatMouse", "Game", "Tables", "make"]
