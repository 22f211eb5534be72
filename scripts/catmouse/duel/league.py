"""The payoff table of all fights: computed where nobody remembers, sampled where somebody does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from catmouse.duel.fighters import Fighter
from catmouse.duel.game import DuelConfig
from catmouse.duel.histories import exact_exploitability
from catmouse.duel.sampling import Estimate, answer_values, exploitability_at_least, sampled_survival
from catmouse_env.solver import Values

SHORT = 3  # moves: games of so many are short enough for all histories
LOOK_AHEAD = 1


@dataclass(frozen=True)
class Exploitability:
    """Survival that a fighter gives away at worst, against the opponent that knows it.

    Attributes:
        estimate: The number.
        exact: Whether it is the truth; else at least so much is given away.
    """

    estimate: Estimate
    exact: bool

    @property
    def text(self) -> str:
        """As it stands in tables."""
        return f"{'' if self.exact else '>='}{self.estimate.value:.4f}"


def exploitability(
    fighter: Fighter, look_ahead: int = LOOK_AHEAD, rounds: int = 10, seed: int = 0
) -> Exploitability:
    """What a fighter gives away, as exactly as can be.

    Of one that remembers the most that an opponent finds who looks some moves ahead, and believes either the
    equilibrium's values after them or those of the best response to the fighter's table.

    Args:
        fighter: Any.
        look_ahead: Moves that the opponent looks ahead.
        rounds: Games from each start.
        seed: Of all chance.
    """
    config = fighter.config
    if not fighter.remembers:
        truth = config.game.exploitability(fighter.table(), config.max_steps, fighter.role)
        return Exploitability(Estimate(truth), True)
    if config.max_steps <= SHORT:
        return Exploitability(Estimate(exact_exploitability(fighter)), True)
    found = [
        exploitability_at_least(fighter, look_ahead, rounds, seed, behind)
        for behind in (None, answer_values(fighter, seed))
    ]
    return Exploitability(max(found, key=lambda one: one.value), False)


def survival(mouse: Fighter, cat: Fighter, rounds: int = 10, seed: int = 0) -> Estimate:
    """How often a mouse survives a cat, averaged over all starts: sampled if one of them remembers.

    The chance is taken out by the values of a fight like it, of both fighters' tables.
    """
    config, moves = mouse.config, mouse.config.max_steps
    alike: Values = config.game.survival(mouse.table(seed), cat.table(seed), moves)
    if not (mouse.remembers or cat.remembers):
        return Estimate(config.game.average(alike[moves]))
    return sampled_survival(mouse, cat, rounds, seed, alike)


@dataclass(frozen=True)
class League:
    """Every mouse against every cat, averaged over all starts.

    Attributes:
        config: The game.
        mice: Names, one a row.
        cats: Names, one a column.
        survival: How often the mouse survives, (mice, cats).
        mouse_exploitability: Survival that each mouse gives away at worst, (mice,).
        cat_exploitability: Survival that each cat gives away at worst, (cats,).
        value: Survival in equilibrium.
    """

    config: DuelConfig
    mice: list[str]
    cats: list[str]
    survival: list[list[Estimate]]
    mouse_exploitability: list[Exploitability]
    cat_exploitability: list[Exploitability]
    value: float

    @property
    def error(self) -> float:
        """The greatest standard error in the table; 0 if all is computed."""
        return max(one.standard_error for row in self.survival for one in row)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            **asdict(self.config),
            "value": self.value,
            "mice": self.mice,
            "cats": self.cats,
            "survival": [[one.value for one in row] for row in self.survival],
            "survival_standard_error": [[one.standard_error for one in row] for row in self.survival],
            **{
                f"{role}_exploitability{ending}": told
                for role, those in (("mouse", self.mouse_exploitability), ("cat", self.cat_exploitability))
                for ending, told in (
                    ("", [one.estimate.value for one in those]),
                    ("_standard_error", [one.estimate.standard_error for one in those]),
                    ("_exact", [one.exact for one in those]),
                )
            },
        }


def make_league(
    mice: list[Fighter],
    cats: list[Fighter],
    look_ahead: int = LOOK_AHEAD,
    rounds: int = 10,
    seed: int = 0,
    tick: Callable[[], None] = lambda: None,
) -> League:
    """Let all fight all.

    Args:
        mice: The rows.
        cats: The columns.
        look_ahead: See `exploitability`.
        rounds: Games from each start, where they are sampled.
        seed: Of all chance.
        tick: Called after each of the `league_size` figures.
    """
    config = mice[0].config

    def measured(what: Callable[..., Any], *who: Fighter, **more: int) -> Any:
        result = what(*who, rounds=rounds, seed=seed, **more)
        tick()
        return result

    table = [[measured(survival, mouse, cat) for cat in cats] for mouse in mice]
    given = [
        [measured(exploitability, one, look_ahead=look_ahead) for one in fighters]
        for fighters in (mice, cats)
    ]
    value = config.game.average(config.equilibrium.values[config.max_steps])
    names = [[one.name for one in fighters] for fighters in (mice, cats)]
    return League(config, names[0], names[1], table, given[0], given[1], value)


def league_size(mice: int, cats: int) -> int:
    """How many figures a league has."""
    return mice * cats + mice + cats


def league_text(league: League) -> str:
    """The league for people to read, in 80 columns."""
    numbers = [f"[{number}]" for number in range(1, len(league.cats) + 1)]
    lines = [
        "",
        "League: how often the mouse survives, in %, averaged over all starts; equilibrium",
        f"{100 * league.value:.2f} %. At worst: survival in % that a player gives away to the opponent that",
        "knows it, compared with the equilibrium; >= where it remembers: at least.",
        *(
            [f"Fights of those who remember are sampled: +-{196 * league.error:.2f} % at most (95 %)."]
            if league.error
            else ["All of it is computed, nothing sampled."]
        ),
        "",
        *(f"  {number} {name}" for number, name in zip(numbers, league.cats, strict=True)),
        "",
        f"{'mouse':<8}" + "".join(f"{number:>6}" for number in numbers) + "  at worst",
    ]
    worst = [
        f"{'' if one.exact else '>='}{100 * one.estimate.value:.2f}" for one in league.mouse_exploitability
    ]
    for row, number in enumerate(numbers):  # the same players on both sides
        fights = "".join(f"{100 * one.value:6.1f}" for one in league.survival[row])
        lines.append(f"{number:<8}{fights}{worst[row]:>10}")
    told = [f"{'' if one.exact else '>='}{100 * one.estimate.value:.1f}" for one in league.cat_exploitability]
    lines.append(f"{'at worst':<8}" + "".join(f"{one:>6}" for one in told))
    return "\n".join(lines)
