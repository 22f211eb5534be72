"""How the page is built: the same each time, small, from tables that are the packages' own."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from catmouse.command_line import run
from catmouse.duel.game import DuelConfig
from catmouse.page.build import ALIGNED, FOLDER, bundle, unpack
from catmouse.page.shipped import FIGHTERS, SHIPPED, shipped_mice
from catmouse.page.tables import QUANTUM, fight_tables, game_tables

from agents import Brain, zoo
from catmouse_env import EnvConfig

pytest.importorskip("scipy")

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "playground.html"
MAX_BYTES = 400_000


def build(out, *runs):
    assert run("page", [*map(str, runs), "--out", str(out)]) == 0
    return out.read_text()


def test_the_page_in_docs_is_up_to_date(tmp_path):
    """Script, style and text to the letter; the data but for what solvers leave open."""
    fresh = build(ROOT / "docs" / f"{tmp_path.name}.html")
    (ROOT / "docs" / f"{tmp_path.name}.html").unlink()
    text, data = unpack(fresh)
    kept_text, kept_data = unpack(DOCS.read_text())
    assert kept_text == text, "make it anew: catmouse page --out docs/playground.html"
    tables, kept = flat(data), flat(kept_data)
    assert kept.keys() == tables.keys()
    for name, value in tables.items():
        if ".perfect." in name:  # linear programs have more than one solution: another scipy may find another
            assert_perfect(kept[name], name.rpartition(".")[2])
        elif name.endswith(".scores"):
            np.testing.assert_allclose(kept[name], value, rtol=0, atol=1e-4, err_msg=name)
        else:
            assert np.array_equal(kept[name], value), name


def flat(data):
    """The packed tables by their path, numbers and arrays alike."""
    length = int.from_bytes(data[:ALIGNED], "little")
    found = {}

    def look(path, value):
        if isinstance(value, dict) and "$" in value:
            place = ALIGNED + length + value["at"]
            found[path] = np.frombuffer(data, value["$"], value["size"], place)
        elif isinstance(value, (dict, list)):
            for name, entry in value.items() if isinstance(value, dict) else enumerate(value):
                look(f"{path}.{name}", entry)
        else:
            found[path] = value

    look("", json.loads(data[ALIGNED : ALIGNED + length]))
    return found


def assert_perfect(table, role):
    """Nothing is lost by playing probabilities as they were rounded."""
    config = DuelConfig()
    table = table.reshape(config.max_steps, config.dynamics.states, config.actions(role))
    policy = table / table.sum(axis=-1, keepdims=True)
    policy = np.concatenate([policy[:1], policy])
    assert config.game.exploitability(policy, config.max_steps, role) < 10 / QUANTUM


def test_the_same_page_comes_out_each_time(tmp_path):
    assert build(tmp_path / "one.html") == build(tmp_path / "two.html")


def test_the_page_is_one_small_file_that_asks_for_nothing():
    html = DOCS.read_text()
    assert len(html.encode()) <= MAX_BYTES
    assert not re.search(r"<(?:img|iframe|embed|object|audio|video)|src=", html)
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|importScripts|WebSocket|@import|url)\(", html)
    links = [link for link in re.findall(r'href="([^"]*)"', html) if link != "data:,"]
    assert len(links) > 15
    for link in links:
        assert f'id="{link[1:]}"' in html if link.startswith("#") else (DOCS.parent / link).exists(), link


def test_every_module_is_in_the_script_after_what_it_needs():
    order = re.findall(r"^// (\w+)\.js$", bundle(), re.MULTILINE)
    modules = {path.stem: path.read_text() for path in (FOLDER / "js").glob("*.js")}
    assert sorted(order) == sorted(modules)
    for place, name in enumerate(order):
        for needed in re.findall(r'from "\./(\w+)\.js"', modules[name]):
            assert needed in order[:place], (name, needed)
    assert not re.search(r"^(?:import|export) ", bundle(), re.MULTILINE)


def test_modules_that_do_not_go_together_are_refused(tmp_path):
    (tmp_path / "main.js").write_text('import { a } from "./other.js";\nconst one = 1;\n')
    (tmp_path / "other.js").write_text("const one = 2;\nexport const a = 1;\n")
    with pytest.raises(ValueError, match=r"other.js and main.js both declare one"):
        bundle("main", tmp_path)
    (tmp_path / "other.js").write_text('import { b } from "./main.js";\nexport const a = 1;\n')
    with pytest.raises(ValueError, match="import each other: main -> other -> main"):
        bundle("main", tmp_path)


@pytest.mark.parametrize(
    "config",
    [
        EnvConfig(),
        EnvConfig(cat_visible_moves=2, width=4, height=3, max_steps=6),
        EnvConfig(cat="chasing", lethal=True, teacher="optimal", max_steps=30),
    ],
    ids=["view", "memory", "chase"],
)
def test_the_tables_are_the_environments(config):
    """A game from every start, in the tables and by the environment's own parts."""
    tables, dynamics = game_tables(config), config.dynamics
    rng = np.random.default_rng(0)
    states = tables["starts"].astype(np.int64)
    assert states.tolist() == dynamics.start_states.tolist()
    cat = config.make_cat()
    for steps in range(config.max_steps):
        left = config.max_steps - steps
        shows = config.cat_visible_moves is None or steps < config.cat_visible_moves
        seen = tables["seen" if shows else "unseen"][states]
        expected = dynamics.observe(states, steps, config.view)
        assert (seen.astype(np.float32) == expected).all()
        label = tables["labels"][left if tables["clocked"] else 0][states]
        assert (label == config.labels.info(left, states)["ideal_action"]).all()
        actions = rng.integers(0, 4, len(states))
        after, reward, caught = dynamics.transition(states, actions, cat.act(states, steps, rng))
        assert (tables["next"][states, actions] == after).all()
        assert (tables["rewards"][states, actions] == reward).all()
        assert (tables["caught"][states, actions] == caught).all()
        states = after


def test_perfect_players_lose_nothing_by_being_rounded():
    for role, table in fight_tables(DuelConfig())["perfect"].items():
        assert_perfect(table, role)


def test_the_certificates_of_the_shipped_brains_are_the_zoos():
    mice = shipped_mice()
    for name, (file, _) in SHIPPED.items():
        proof = json.loads(zoo.locate(file, zoo.CERTIFICATE).read_text())["counts"]
        counted = mice[name].certificate
        assert (counted["starts"], counted["moves"]) == (proof["starts"], proof["moves"])
        if name == "chase":  # the teacher's labels are a planner's, and not proved: survival is
            assert counted["survival_rate"] == 1
            assert proof["captures"] == 0
        else:
            assert (counted["mistakes"], counted["perfect_starts"]) == (
                proof["mistakes"],
                proof["perfect_starts"],
            )


def test_a_run_that_is_named_is_shown_first(tmp_path, capsys):
    assert (
        run(
            "train",
            ["--games", "256", "--target", "9", "--width", "4", "--out", str(tmp_path / "mine"), "--quiet"],
        )
        == 0
    )
    html = build(tmp_path / "page.html", tmp_path / "mine")
    _, data = unpack(html)
    assert b'"brains":[{"name":"run-1","title":"mine (elman, 32 units)"' in data
    assert "saved" in capsys.readouterr().out


def test_what_a_page_can_not_show_is_refused_in_a_line(tmp_path, capsys):
    def refused(*words):
        assert run("page", [*map(str, words), "--out", str(tmp_path / "page.html")]) == 2
        assert not (tmp_path / "page.html").exists()
        return capsys.readouterr().err

    assert "is neither" in refused(tmp_path / "nothing")
    assert "must move the mouse and take four numbers" in refused(FIGHTERS["cat"])
    large = Brain(hidden=4)
    large.game = {"env_id": "CatMouse-v0", "player": "mouse", "learned_from": "labels", "width": 12}
    large.save(tmp_path / "large.safetensors")
    assert "rooms up to 8 x 8, not 12 x 6" in refused(tmp_path / "large.safetensors")
