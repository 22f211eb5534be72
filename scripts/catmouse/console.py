"""What the scripts print: progress bars, certificates, games in text."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import gymnasium as gym
from tqdm import tqdm

from agents import Evaluation, Policy
from agents.environments import episode_length
from agents.runs.run import Run

REFRESH_SECONDS = 0.1
DIRECTIONS = ("up", "right", "down", "left")


class Said:
    """Standard error for what may be lost: work goes on where nothing can be written, but not unread."""

    def write(self, text: str) -> None:
        """Write, unless the disk is full."""
        self._try(lambda: sys.stderr.write(text))

    def flush(self) -> None:
        """Flush, unless the disk is full."""
        self._try(sys.stderr.flush)

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BrokenPipeError:
            raise
        except OSError:
            return

    def fileno(self) -> int:
        """Of the terminal, whose width is asked for."""
        return sys.stderr.fileno()


def progress_bar(total: float | None, unit: str, quiet: bool, **more: Any) -> Any:
    """A progress bar of tqdm's, which `more` are arguments of. That it can't be written ends nothing."""
    return tqdm(total=total, unit=f" {unit}", disable=quiet or sys.stderr is None, file=Said(), **more)


class Progress:
    """A progress bar of a run: games, games/s, mistakes and compass error a game."""

    def __init__(self, games: int, quiet: bool, done: int = 0) -> None:
        self._bar = progress_bar(games, "games", quiet, initial=done, unit_scale=True, dynamic_ncols=True)
        self._next = 0.0

    def show(self, run: Run) -> None:
        """Bring the bar up to date, a few times a second at the most."""
        now = time.monotonic()
        if self._bar.disable or now < self._next:
            return
        self._next = now + REFRESH_SECONDS
        trainer = run.trainer
        proved = run.certificate
        told = {
            "mistakes": f"{trainer.smoothed_mistakes if proved is None else proved.mistakes_per_game:.3f}",
            "compass error": f"{trainer.smoothed_error:.3f}",
        }
        self._bar.set_postfix(told, refresh=False)
        self._bar.update(trainer.games_played - self._bar.n)

    def close(self, run: Run) -> None:
        """Leave the bar as it is; a run that is done needed no more games, so its bar is full."""
        if run.finished:
            self._bar.total = run.trainer.games_played
        self._next = 0.0
        self.show(run)
        self._bar.close()


def progress_callback(bar: Any) -> Callable[[int, int], None]:
    """What brings a bar up to date: called with what is done and the total."""

    def progress(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return progress


def certificate_text(result: Evaluation, follows_teacher: bool = True) -> str:
    """A certificate for people to read.

    Args:
        result: The counts.
        follows_teacher: Whether the policy's aim is to do what the teacher says. Else a move that is not the
            teacher's is no mistake.
    """
    kind = "Sample, for moves are drawn by chance" if result.sampled else "Certificate"
    wrong, none = ("mistakes", "without mistake") if follows_teacher else ("disagreements", "in agreement")
    whom = "" if follows_teacher else " with the teacher, whom it does not follow"
    survival, returned = (
        "" if interval is None else f" (95 % interval {scale * interval[0]:.4g} to {scale * interval[1]:.4g})"
        for interval, scale in ((result.survival_interval, 100), (result.return_interval, 1))
    )
    lines = [
        f"{kind}: one game from each of the {result.starts:,} starts, {result.moves:,} moves",
        f"  {wrong:<22}  {result.mistakes:,} ({result.mistakes_per_game:.4f} a game){whom}",
        f"  compass error           {result.compass_error_per_game:.4f} a game",
        f"  {f'starts {none}':<22}  {result.perfect_starts:,} of {result.starts:,}",
    ]
    if result.lethal:
        lines.append(f"  survived                {100 * result.survival_rate:.1f} % of the games{survival}")
    lines += [
        f"  mean return             {result.mean_return:.4f}{returned}",
    ]
    if result.worst_starts:
        lines.append("  worst starts")
        lines += [
            f"    cat {tuple(start['cat'])}, mouse {tuple(start['mouse'])}: {start['mistakes']} {wrong}"
            for start in result.worst_starts[:3]
        ]
    if len(result.confusion) == len(DIRECTIONS):
        lines.append("  the teacher said        the policy went")
        lines.append(" " * 24 + "".join(f"{name:>9}" for name in DIRECTIONS))
        for name, row in zip(DIRECTIONS, result.confusion, strict=True):
            lines.append(f"    {name:<20}" + "".join(f"{count:>9,}" for count in row))
    return "\n".join(lines)


def example_game(policy: Policy, env: Any, seed: int) -> str:
    """One game that the policy plays, as a picture in text."""
    spec = env.unwrapped.spec
    arguments = {
        key: value
        for key, value in spec.kwargs.items()
        if key not in ("num_envs", "vectorization_mode", "render_mode", "max_episode_steps", "autoreset_mode")
    }
    single = gym.make(spec.id, max_episode_steps=episode_length(env), render_mode="ansi", **arguments)
    observation, _ = single.reset(seed=seed)
    state, done = None, False
    while not done:
        action, state = policy.predict(observation, state)
        observation, _, terminated, truncated, _ = single.step(action)
        done = terminated or truncated
    picture = str(single.render())
    single.close()
    return picture
