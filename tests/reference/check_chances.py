"""Check a certificate of a game of chance (docs/proof.md): python check_chances.py CERTIFICATE BRAIN

What a mouse without memory is worth against a wandering cat, or what a player of the fight reaches against
the opponent that knows it best: computed over every position, in Python alone. Status 1: refused.
"""

import base64
import hashlib
import json
import math
import sys
from operator import mul
from pathlib import Path

from check_certificate import COMPASS, IDS, Brain, Rules, need

TOLD = {"format", "version", "claim", "env_id", "arguments", "rules_sha256", "brain_sha256", "values"}
FIGHT = {"width", "height", "cat_directions", "max_steps", "observe_moves_left"}


class Chances(Rules):
    """The rules where the cat may take any of its steps; in a fight there is no teacher."""

    def __init__(self, told, fight):
        if fight:
            need({*told} == FIGHT, "an argument is missing or unknown")
            told = {**told, "lethal": True, "teacher": "", "cat": "wandering"}
        super().__init__(told)
        need(self.cat == "wandering" and self.seen is None, "this is no game of chance")
        self.steps_of_the_cat = COMPASS[:: 8 // self.dirs]

    def ways(self, s):
        return self.steps_of_the_cat

    def worth(self, s, action, old, paid=0):
        """What a move of the mouse is worth for each of the cat's, if the states after are worth `old`."""
        moves = (self.after(s, action, way) for way in self.ways(s))
        return [paid * reward + (0 if caught else old[after]) for after, reward, caught in moves]


def expectation(told, rules, brain):
    """Survival and mean return of a mouse that plays the moves told, each of which is found again."""
    packed = base64.b64decode(told["moves"])
    need(base64.b64encode(packed).decode() == told["moves"], "the moves are not in their one form")
    claimed = [byte >> shift & 3 for byte in packed for shift in (6, 4, 2, 0)]
    old, made, pairs, uncovered = [[1.0] * len(rules.far), [0.0] * len(rules.far)], [], [], []
    for left in range(1, rules.steps + 1):
        for s in range(len(rules.far)) if left == 1 or rules.clock else ():
            action, margins = brain.decide(brain.step(rules.observe(s, rules.steps - left), None)[0])
            uncovered += [len(made)] if any(margin <= bound for margin, bound in margins) else []
            need(claimed[len(made)] == action, f"move {len(made)} is {action}")
            made.append(action)
            pairs += margins
        moves = made[-len(rules.far) :]
        old = [
            [sum(row) / len(row) for row in (rules.worth(s, a, values, paid) for s, a in enumerate(moves))]
            for paid, values in enumerate(old)
        ]
    need(len(claimed) - len(made) < 4 and not any(claimed[len(made) :]), "there are more moves")
    (margins, bounds), ratio = zip(*pairs, strict=True), min(margin / bound for margin, bound in pairs)
    found = {"smallest_margin": min(margins), "mean_margin": sum(margins) / len(margins)}
    found |= {"largest_rounding_bound": max(bounds), "smallest_margin_to_bound": ratio}
    decisions = {**{k: float(f"{v:.8g}") for k, v in found.items()}, "not_covered": uncovered}
    need(
        json.dumps(told["decisions"], sort_keys=True) == json.dumps(decisions, sort_keys=True), f"{decisions}"
    )
    return dict(zip(("survival", "mean_return"), old, strict=True))


def softmax(outputs):
    """Probabilities from pairs of a logit and its bound."""
    top = max(v for v, _ in outputs)
    odds = [math.exp(v - top) for v, _ in outputs]
    return [one / sum(odds) for one in odds]


def guarantee(told, rules, brain):
    """Survival against the opponent that knows the brain best."""
    need(told["player"] in ("cat", "mouse"), "there is no such player")
    old, mouse = [1.0] * len(rules.far), told["player"] == "mouse"
    for left in range(1, rules.steps + 1):
        if left == 1 or rules.clock:
            seen = (rules.observe(s, rules.steps - left) for s in range(len(rules.far)))
            chances = [softmax(brain.step(one, None)[0]) for one in seen]
        before, old = old, []
        for s, chance in enumerate(chances):
            rows = [rules.worth(s, action, before) for action in range(4)]  # by mouse's and cat's action
            answers = zip(*rows, strict=True) if mouse else rows
            worth = [sum(map(mul, answer, chance)) for answer in answers]
            old.append(min(worth) if mouse else max(worth))
    return {"survival": old}


def check(text, data):
    """What this text certifies of this brain file; an error if it is refused."""
    told = json.loads(text)
    need(json.dumps(told, indent=1, sort_keys=True) + "\n" == text, "it is not in its one form")
    kinds = {"expectation": (expectation, {"moves", "decisions"}), "guarantee": (guarantee, {"player"})}
    claim, more = kinds[told["claim"]]
    fight = claim is guarantee
    need({*told} == TOLD | more, "it holds more or less than it should")
    need((told["format"], repr(told["version"])) == ("catmouse certificate", "1"), "it is another format")
    need(told["brain_sha256"] == hashlib.sha256(data).hexdigest(), "it is about another brain")
    rules, brain = Chances(told["arguments"], fight), Brain(data)
    known = (
        told["env_id"] == "catmouse_env.parallel_env" if fight else IDS[told["env_id"]] in told["arguments"]
    )
    need(known and told["rules_sha256"] == rules.hash(), "the rules are others")
    need(told["arguments"].get("continuous", False) == brain.about["continuous"], "the actions are others")
    need(
        brain.cell in ("mlp", "mlp2")
        and len(brain.outer) == (rules.dirs if told.get("player") == "cat" else 4),
        "a brain of another kind",
    )
    need(not fight or brain.about["head"] == "direction", "a brain of another kind")
    worth = claim(told, rules, brain)
    found = {name: sum(values[s] for s in rules.starts) / len(rules.starts) for name, values in worth.items()}
    said = {name: float(f"{value:.8g}") for name, value in found.items()}
    need(
        json.dumps(told["values"], sort_keys=True) == json.dumps(said, sort_keys=True),
        f"the values are {found}",
    )
    return said


if __name__ == "__main__":
    try:
        print("ACCEPTED", check(Path(sys.argv[1]).read_text(), Path(sys.argv[2]).read_bytes()))
    except Exception as error:  # whatever is wrong with it
        sys.exit(f"REFUSED {type(error).__name__}: {error}")
