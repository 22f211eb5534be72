"""The same brain and the same training loop in PyTorch, eager, with its own environment of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

MOVES, ACTIONS, INPUTS = 10, 4, 4


class TorchTrainer:
    """Makes updates, each with a batch of games that the brain itself plays."""

    def __init__(
        self, cell: str, hidden: int, games: int, labels: Any, width: int, height: int, rate: float = 0.01
    ) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        self.cell, self.games, self.hidden = cell, games, hidden
        kinds = {"elman": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}
        self.inner: Any = kinds[cell](INPUTS, hidden) if cell in kinds else torch.nn.Linear(INPUTS, hidden)
        self.outer = torch.nn.Linear(hidden, ACTIONS)
        weights = [*self.inner.parameters(), *self.outer.parameters()]
        self.optimizer = torch.optim.Adam(weights, lr=rate, betas=(0.9, 0.99))
        self.labels = torch.as_tensor(np.asarray(labels))
        self.cells = width * height
        place = np.arange(self.cells)
        x, y = place % width, place // width
        neighbours = [
            np.minimum(y + 1, height - 1) * width + x,
            y * width + np.minimum(x + 1, width - 1),
            np.maximum(y - 1, 0) * width + x,
            y * width + np.maximum(x - 1, 0),
        ]
        self.neighbours = torch.as_tensor(np.stack(neighbours, 1).ravel())
        self.seen = torch.as_tensor(
            np.stack([x / (width - 1), y / (height - 1)], 1) * 2 - 1, dtype=torch.float32
        )

    def updates(self, count: int) -> float:
        """Make `count` updates; the mistakes a game in the last of them."""
        for _ in range(count):
            mistakes = self.update()
        return mistakes

    def update(self) -> float:
        cat, mouse = torch.randint(self.cells, (2, self.games))
        state: Any = None
        if self.cell == "lstm":
            state = (torch.zeros(self.games, self.hidden), torch.zeros(self.games, self.hidden))
        answers, labels, wrong = [], [], torch.zeros((), dtype=torch.int64)
        for _ in range(MOVES):
            observed = torch.cat([self.seen[cat], self.seen[mouse]], 1)
            if self.cell == "mlp":
                h = torch.tanh(self.inner(observed))
            else:
                state = self.inner(observed, state)
                h = state[0] if self.cell == "lstm" else state
            logits = self.outer(h)
            ideal = self.labels[cat * self.cells + mouse]
            action = logits.detach().argmax(1)
            answers.append(logits)
            labels.append(ideal)
            wrong = wrong + (action != ideal).sum()
            mouse = self.neighbours[mouse * 4 + action]
        loss = torch.nn.functional.cross_entropy(torch.cat(answers), torch.cat(labels), reduction="sum")
        self.optimizer.zero_grad()
        (loss / self.games).backward()
        self.optimizer.step()
        return float(wrong) / self.games
