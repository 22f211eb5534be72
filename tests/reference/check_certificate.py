"""Check a certificate of CatMouse (docs/proof.md): python check_certificate.py CERTIFICATE BRAIN

The article's rules, anew for Python alone; numbers are (value, bound of its rounding). Status 1: refused.
"""

import base64
import hashlib
import json
import math
import struct
import sys
from operator import mul
from pathlib import Path

COMPASS = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
DEFAULTS = {"width": 6, "height": 6, "max_steps": 10, "cat_directions": 4, "lethal": False}
DEFAULTS |= {"continuous": False, "observe_moves_left": False}
DEFAULTS |= {"cat": "stationary", "teacher": "flee", "cat_visible_moves": None}
IDS = {"CatMouse-v0": "max_steps", "CatMouseMemory-v0": "cat_visible_moves", "CatMouseChase-v0": "cat"}
IDS |= {"CatMouseContinuous-v0": "continuous"}


def need(true, why):
    if not true:
        raise ValueError(why)


class Rules:
    def __init__(self, told):
        a = {**DEFAULTS, **told}
        kinds, known = [type(a[k]) for k in DEFAULTS], a.keys() == DEFAULTS.keys()
        need(known and kinds[:9] == [int] * 4 + [bool] * 3 + [str] * 2, "an argument is none")
        sizes = {a["width"], a["height"]} <= {*range(2, 65)} and a["cat_directions"] in (4, 8)
        need(sizes and kinds[9] in (int, type(None)), "an argument is none")
        self.w, self.h, self.steps, self.dirs, self.lethal, _, self.clock, self.cat, _, self.seen = a.values()
        self.cells = self.w * self.h
        need(1 <= self.steps <= (1 << 21) // self.cells**2, "there are too many moves")
        cells = [divmod(cell, self.h) for cell in range(self.cells)]
        self.place = [(*cat, *mouse) for cat in cells for mouse in cells]
        self.far = [abs(mx - cx) + abs(my - cy) for cx, cy, mx, my in self.place]
        self.starts = [s for s, far in enumerate(self.far) if far or not self.lethal]
        self.labels = {"flee": [self.flee(*place) for place in self.place]}.get(a["teacher"], [])
        self.heard = bytes(self.labels) or a["teacher"].encode()

    def after(self, s, action, way):
        cx, cy, mx, my = self.place[s]
        moves = ((cx, cy, *way), (mx, my, *COMPASS[2 * action]))
        to = [(min(max(x + i, 0), self.w - 1), min(max(y + j, 0), self.h - 1)) for x, y, i, j in moves]
        cat, mouse = (x * self.h + y for x, y in to)
        after = cat * self.cells + mouse
        if self.lethal and (cat == mouse or mouse * self.cells + cat == s):
            return after, -self.w - self.h, True
        return after, self.far[after] - self.far[s], False

    def ways(self, s):
        cx, cy, mx, my = self.place[s]
        x, y = ((d > 0) - (d < 0) for d in (mx - cx, my - cy))
        if self.dirs == 4 or not (x or y):
            x, y = (0, y) if abs(my - cy) > abs(mx - cx) else (x or 1, 0)
        return {"stationary": [(0, 0)], "chasing": [(x, y)]}[self.cat]

    def flee(self, cx, cy, x, y):
        dx, dy = x - cx, y - cy
        side, wall, end = (1, self.w - 1, self.h - 1) if dx >= 0 else (3, 0, self.h - 1)
        if (abs(dy) > abs(dx) and y != (end if dy > 0 else 0)) or (x == wall and (dy or side == 3)):
            return 0 if dy >= 0 else 2
        return side

    def hash(self):
        moves = (
            self.after(s, a, way) for s in range(self.cells**2) for a in range(4) for way in self.ways(s)
        )
        return hashlib.sha256(b"".join(struct.pack("<IhB", *one) for one in moves) + self.heard).hexdigest()

    def observe(self, s, t):
        seen = [v / (n - 1) for v, n in zip(self.place[s], (self.w, self.h) * 2, strict=True)]
        hidden = 2 * (self.seen is not None and t >= self.seen)
        return [-1.0, -1.0][:hidden] + seen[hidden:] + [(self.steps - t) / self.steps] * self.clock


class Brain:
    def __init__(self, data):
        end = 8 + int.from_bytes(data[:8], "little")
        table, named = json.loads(data[8:end]), {}
        self.about = about = json.loads(table.pop("__metadata__")["catmouse"])["config"]
        self.cell, self.n, self.tanh = about["cell"], about["hidden"], about["activation"] == "tanh"
        kind = "<f" if about["dtype"] == "float32" else "<d"
        self.u, self.one = 2.0**-53 + 2.0 ** (-24 if kind == "<f" else -53), [(1.0, 0.0)] * about["bias"]
        self.round = lambda x: struct.unpack(kind, struct.pack(kind, x))[0]
        for name, entry in table.items():
            (first, last), size = entry["data_offsets"], entry["shape"][-1]
            flat = [v for (v,) in struct.iter_unpack(kind, data[end + first : end + last])]
            named[name] = [flat[i::size] for i in range(size)]  # (rows out, rows in)

        def rows(*names):
            parts = zip(*(named[name] for name in names if name in named), strict=True)
            return [
                (row, list(map(abs, row))) for row in ([v for one in part for v in one] for part in parts)
            ]

        self.lower, self.upper = rows("input_to_lower", "lower_bias"), rows("hidden_bias", "lower_to_hidden")
        self.inner = self.lower or rows("input_to_hidden", "hidden_bias", "hidden_to_hidden")
        self.outer = rows("output_bias", "hidden_to_output")
        named["own"] = named.get("hidden_to_hidden", [])[2 * self.n :]
        self.own = rows("recurrent_bias", "own")  # of GRU's new gate

    def dot(self, rows, x):
        gamma, values = len(x) * self.u / (1 - len(x) * self.u), [v for v, _ in x]
        around = [r + gamma * (abs(v) + r) for v, r in x]
        return [(sum(map(mul, row, values)), sum(map(mul, size, around)) + 2.0**-120) for row, size in rows]

    def act(self, x, tanh):
        f = math.tanh if tanh else (lambda a: 1 / (1 + math.exp(-a)) if a > -700 else 0.0)
        steep = [(v, r, f(max(abs(v) - r, 0.0))) for v, r in x]
        return [(f(v), (1 - y * y if tanh else y * (1 - y)) * r + 10 * self.u) for v, r, y in steep]

    def add(self, x, y):
        return [(a + b, p + q + self.u * (abs(a + b) + p + q)) for (a, p), (b, q) in zip(x, y, strict=True)]

    def times(self, x, y):
        pairs = [(a, abs(a), p, b, abs(b), q) for (a, p), (b, q) in zip(x, y, strict=True)]
        return [(a * b, c * q + d * p + p * q + self.u * (c + p) * (d + q)) for a, c, p, b, d, q in pairs]

    def blend(self, z, e, a, p, b, q):
        spread = z * p + (1 - z) * q + abs(a - b) * e + e * (p + q)
        return (1 - z) * b + z * a, spread + 4 * self.u * (abs(a) + abs(b) + p + q)

    def step(self, seen, state):
        n, x = self.n, struct.unpack(f"{len(seen)}f", struct.pack(f"{len(seen)}f", *seen))  # seen in float32
        x = [(self.round(2 * v - 1) if self.about["centred"] else v, 0.0) for v in x] + self.one
        h, c = state or ([(0.0, 0.0)] * n, [(0.0, 0.0)] * n)
        sums = self.dot(self.inner, x if self.cell in ("mlp", "mlp2") else x + h)
        if self.cell == "gru":
            gates = self.act(sums[: 2 * n], False)
            seen = self.dot([(row[: len(x)], size[: len(x)]) for row, size in self.inner[2 * n :]], x)
            new = self.act(self.add(seen, self.times(gates[:n], self.dot(self.own, self.one + h))), True)
            h = [self.blend(*z, *a, *b) for z, a, b in zip(gates[n:], h, new, strict=True)]
        elif self.cell == "lstm":
            i, f, g, o = (self.act(sums[k * n : k * n + n], k == 2) for k in range(4))
            c = self.add(self.times(f, c), self.times(i, g))
            h = self.times(o, self.act(c, True))
        else:
            h = self.act(sums, self.tanh)
            h = self.act(self.dot(self.upper, self.one + h), self.tanh) if self.lower else h
        outputs = self.dot(self.outer, self.one + h)
        return (self.act(outputs, False) if self.about["head"] == "compass" else outputs), (h, c)

    def decide(self, outputs):
        if self.about["head"] == "compass":
            (v, r), extra = outputs[0], 2.0**-24 * self.about["continuous"]
            return min(int(4 * v), 3), [(abs(v - border / 4), r + extra) for border in (1, 2, 3)]
        v, r = outputs.pop(best := max(range(len(outputs)), key=lambda a: outputs[a][0]))
        return best, [(v - w, r + q) for w, q in outputs]


def play(claimed, rules, brain):
    """A game from every start: counts and decisions; an error where a move is not the one that is claimed."""
    pairs, uncovered, made, counts = [], [], 0, {"starts": len(rules.starts), "captures": 0, "return": 0}
    counts |= {"mistakes": 0, "perfect_starts": 0} if rules.labels else {}
    for number, s in enumerate(rules.starts):
        state, wrong, t, caught, first = None, 0, 0, False, len(pairs)
        while t < rules.steps and not caught:
            outputs, state = brain.step(rules.observe(s, t), state)
            action, margins = brain.decide(outputs)
            need(claimed[made] == action, f"move {t + 1} from start {number} is {action}")
            wrong += rules.labels[s : s + 1] != [action]
            (s, reward, caught), t, made = rules.after(s, action, *rules.ways(s)), t + 1, made + 1
            counts["return"] += reward
            pairs += margins
        uncovered += [number] if any(margin <= bound for margin, bound in pairs[first:]) else []
        more = {"captures": caught, "mistakes": wrong, "perfect_starts": not wrong}
        counts |= {name: counts[name] + more[name] for name in more if name in counts}
    need(len(claimed) - made < 4 and not any(claimed[made:]), "there are more moves than games have")
    (margins, bounds), ratio = zip(*pairs, strict=True), min(margin / bound for margin, bound in pairs)
    found = {"smallest_margin": min(margins), "mean_margin": sum(margins) / len(margins)}
    found |= {"largest_rounding_bound": max(bounds), "smallest_margin_to_bound": ratio}
    told = {name: float(f"{value:.8g}") for name, value in found.items()}
    return {"counts": {**counts, "moves": made}, "decisions": {**told, "not_covered": uncovered}}


def check(text, data):
    told = json.loads(text)
    need(json.dumps(told, indent=1, sort_keys=True) + "\n" == text, "it is not in its one form")
    about = told.pop("format"), repr(told.pop("version")), told.pop("claim"), told.pop("brain_sha256")
    need(about == ("catmouse certificate", "1", "games", hashlib.sha256(data).hexdigest()), "another matter")
    arguments, text, brain = told.pop("arguments"), told.pop("moves"), Brain(data)
    rules, moves = Rules(arguments), base64.b64decode(text)
    need(IDS[told.pop("env_id")] in arguments and told.pop("rules_sha256") == rules.hash(), "other rules")
    same = arguments.get("continuous", False) == brain.about["continuous"]
    need(same and base64.b64encode(moves).decode() == text, "the actions, or their form, are others")
    found = play([byte >> shift & 3 for byte in moves for shift in (6, 4, 2, 0)], rules, brain)
    need(json.dumps(told, sort_keys=True) == json.dumps(found, sort_keys=True), f"the games say {found}")
    return found


if __name__ == "__main__":
    try:
        print("ACCEPTED", check(Path(sys.argv[1]).read_text(), Path(sys.argv[2]).read_bytes()))
    except Exception as error:  # whatever is wrong with it
        sys.exit(f"REFUSED {type(error).__name__}: {error}")
