"""The learning curve for TensorBoard."""

from __future__ import annotations

from pathlib import Path

from agents.runs.run import CurvePoint
from catmouse.command_line import Failed, install


class TensorBoardLog:
    """Writes points of a learning curve where TensorBoard looks for them; steps are games.

    Args:
        folder: Made if need be; runs side by side in one folder are compared.

    Raises:
        Failed: TensorBoard is not installed.
        OSError: The folder can't be written.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from tensorboard.summary import Writer
        except ModuleNotFoundError as error:
            raise Failed(f"--tensorboard needs: {install('tensorboard')}") from error
        self._writer = Writer(str(folder))

    def add(self, point: CurvePoint) -> None:
        """Write a point."""
        figures = {
            "a game/compass error": point.compass_error,
            "a game/mistakes": point.mistakes,
            "certificate/mistakes a game": point.certificate_mistakes,
        }
        for tag, value in figures.items():
            if value is not None:
                self._writer.add_scalar(tag, value, point.games)

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()
