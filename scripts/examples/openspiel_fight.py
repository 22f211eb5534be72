"""The fight as a game of OpenSpiel, whose best responses agree with ours.

Needs OpenSpiel: pip install -e ".[openspiel]"
"""

from __future__ import annotations

import sys
from typing import Any

try:
    import numpy as np
    import pyspiel
    from open_spiel.python.algorithms import expected_game_score
    from open_spiel.python.algorithms import exploitability as spiel
    from open_spiel.python.policy import TabularPolicy

    from catmouse_env import planning
    from catmouse_env.two_players import duel_config
except ImportError as error:
    sys.exit(f'{error.name} is missing: pip install -e ".[openspiel]"')

MOUSE, CAT = 0, 1
PARAMETERS = {"width": 2, "height": 2, "max_steps": 2, "cat_directions": 8}
TYPE = pyspiel.GameType(
    short_name="catmouse_fight",
    long_name="Cat and mouse",
    dynamics=pyspiel.GameType.Dynamics.SEQUENTIAL,
    chance_mode=pyspiel.GameType.ChanceMode.EXPLICIT_STOCHASTIC,
    information=pyspiel.GameType.Information.IMPERFECT_INFORMATION,
    utility=pyspiel.GameType.Utility.ZERO_SUM,
    reward_model=pyspiel.GameType.RewardModel.TERMINAL,
    max_num_players=2,
    min_num_players=2,
    provides_information_state_string=True,
    provides_information_state_tensor=False,
    provides_observation_string=False,
    provides_observation_tensor=False,
    parameter_specification=PARAMETERS,
)


class Fight(pyspiel.Game):
    """The mouse wins 1 if it is never caught, the cat if it is.

    Both move at once: the mouse's move is made first and hidden until the cat has made its own.
    """

    def __init__(self, params: dict[str, Any] | None = None) -> None:
        chosen = {**PARAMETERS, **(params or {})}
        self.config = duel_config(observe_moves_left=True, **chosen)
        starts = self.config.dynamics.num_starts
        moves = max(4, self.config.cat_actions)
        info = pyspiel.GameInfo(moves, starts, 2, -1.0, 1.0, 0.0, 2 * self.config.max_steps + 1)
        super().__init__(TYPE, info, chosen)

    def new_initial_state(self) -> FightState:
        """Before the start is drawn."""
        return FightState(self)

    def make_py_observer(self, iig_obs_type: Any = None, params: Any = None) -> Observer:
        """What players know."""
        return Observer()


class FightState(pyspiel.State):
    """Where a fight stands."""

    def __init__(self, game: Fight) -> None:
        super().__init__(game)
        self.config = game.config
        self.place: int | None = None
        self.left = game.config.max_steps
        self.mouse_action: int | None = None
        self.caught = False

    def current_player(self) -> int:
        """Chance, then mouse and cat in turn."""
        if self.place is None:
            return int(pyspiel.PlayerId.CHANCE)
        if self.caught or not self.left:
            return int(pyspiel.PlayerId.TERMINAL)
        return MOUSE if self.mouse_action is None else CAT

    def _legal_actions(self, player: int) -> list[int]:
        return list(range(4 if player == MOUSE else self.config.cat_actions))

    def chance_outcomes(self) -> list[tuple[int, float]]:
        """Every start, equally likely."""
        count = self.config.dynamics.num_starts
        return [(number, 1 / count) for number in range(count)]

    def _apply_action(self, action: int) -> None:
        if self.place is None:
            self.place = int(self.config.dynamics.start(action))
        elif self.mouse_action is None:
            self.mouse_action = int(action)
        else:
            moved = self.config.dynamics.transition(self.place, self.mouse_action, int(action))
            self.place, _, self.caught = moved
            self.mouse_action, self.left = None, self.left - 1

    def _action_to_string(self, player: int, action: int) -> str:
        return f"{player}:{action}"

    def is_terminal(self) -> bool:
        """Whether it is over."""
        return self.place is not None and (self.caught or not self.left)

    def returns(self) -> list[float]:
        """Of mouse and cat."""
        won = 0.0 if not self.is_terminal() else -1.0 if self.caught else 1.0
        return [won, -won]

    def __str__(self) -> str:
        return f"{self.place}, {self.left} left, {self.mouse_action}"


class Observer:
    """Both players see the animals and the moves left."""

    tensor = None

    def set_from(self, state: FightState, player: int) -> None:
        """There is no tensor."""

    def string_from(self, state: FightState, player: int) -> str:
        """What the player knows: the hidden move is not part of it."""
        return f"{player} {state.place} {state.left}"


pyspiel.register_game(TYPE, Fight)


def load(game: Any, mouse: Any, cat: Any) -> TabularPolicy:
    """Our policies, (max_steps + 1, states, actions), as one of OpenSpiel."""
    table = TabularPolicy(game)
    for name, row in table.state_lookup.items():
        player, place, left = map(int, name.split())
        chances = (cat if player == CAT else mouse)[left, place]
        table.action_probability_array[row] = 0
        table.action_probability_array[row, : len(chances)] = chances
    return table


def compare(**parameters: int) -> None:
    """Print and check that OpenSpiel and we agree on exploitability and on the equilibrium's value."""
    game = pyspiel.load_game("catmouse_fight", parameters)
    config = duel_config(observe_moves_left=True, **{**PARAMETERS, **parameters})
    solved, steps = planning.equilibrium(config), config.max_steps
    shapes = [(steps + 1, config.dynamics.states, actions) for actions in (4, config.cat_actions)]
    uniform = [np.full(shape, 1 / shape[-1]) for shape in shapes]
    for name, (mouse, cat) in (("equilibrium", (solved.mouse, solved.cat)), ("uniform", uniform)):
        theirs = spiel.nash_conv(game, load(game, mouse, cat), return_only_nash_conv=True)
        # A win is worth 1 and a loss -1, so survival counts twice.
        ours = 2 * (
            planning.exploitability(config, mouse, "mouse") + planning.exploitability(config, cat, "cat")
        )
        print(f"{name:<12}NashConv: OpenSpiel {theirs:.12f}, ours {ours:.12f}")
        assert abs(theirs - ours) < 1e-9, "they differ"
    table = load(game, solved.mouse, solved.cat)
    value = expected_game_score.policy_value(game.new_initial_state(), [table, table])[MOUSE]
    survival = solved.values[steps][config.dynamics.start_states].mean()
    print(f"{'':<12}survival: OpenSpiel {(1 + value) / 2:.12f}, ours {survival:.12f}")
    assert abs((1 + value) / 2 - survival) < 1e-9, "they differ"


if __name__ == "__main__":
    compare(width=2, height=2, max_steps=2, cat_directions=8)
    compare(width=3, height=2, max_steps=2, cat_directions=4)
    compare(width=3, height=3, max_steps=1, cat_directions=8)
