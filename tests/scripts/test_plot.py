"""Learning curves over seeds, and the map of mistakes: the numbers behind the pictures, and the files."""

import sys

import gymnasium as gym
import numpy as np
import pytest
from catmouse.command_line import run
from catmouse.plots.curves import draw_curves, grouped, read_curve, spread
from catmouse.plots.error_map import draw_error_map, error_map

import catmouse_env  # noqa: F401  (registers the environments)
from agents import Brain, TeacherAgent, evaluate
from agents.runs.config import RunConfig

pytest.importorskip("matplotlib")


def write_run(folder, rows, **config):
    folder.mkdir()
    RunConfig(**config).filled().save(folder / "config.json")
    lines = ["games,compass_error,mistakes,certificate_mistakes"]
    lines += [",".join("" if value is None else str(value) for value in row) for row in rows]
    (folder / "curve.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def runs(tmp_path):
    """Three seeds of one kind, the last one twice as long, and one run of another kind."""
    shape = ((100, 4, 1, 0.5), (1000, 2, 0.5, 0.1), (10000, 0.2, 0.1, 0))
    rows = [[(games, k * error, k * wrong, sure) for games, error, wrong, sure in shape] for k in (1, 2, 4)]
    rows[2].append((20000, 0.4, 0.2, 0.1))
    folders = [write_run(tmp_path / f"s{seed}", rows[seed], seed=seed, hidden=32) for seed in range(3)]
    return [*folders, write_run(tmp_path / "other", rows[0], hidden=16)]


def run_main(*arguments):
    return run("plot", [str(argument) for argument in arguments])


def test_a_curve_is_read_as_it_was_written(runs):
    curve = read_curve(runs[0])
    assert curve.games.tolist() == [100, 1000, 10000]
    assert curve.measures["compass_error"].tolist() == [4, 2, 0.2]
    assert curve.measures["mistakes"].tolist() == [1, 0.5, 0.1]
    assert curve.perfect
    assert not read_curve(runs[2]).perfect
    assert read_curve(runs[0] / "curve.csv").name == curve.name


def test_runs_that_differ_only_in_the_seed_are_one_group(runs):
    groups = grouped([read_curve(run) for run in runs])
    assert [len(members) for members in groups.values()] == [3, 1]
    names = list(groups)
    assert "hidden 32" in names[0]
    assert "3 seeds" in names[0]
    assert "hidden 16" in names[1]


def test_the_spread_is_lowest_median_and_highest(runs):
    games, low, middle, high = spread([read_curve(run) for run in runs[:3]], "compass_error")
    assert (games[0], round(games[-1])) == (100, 20000)
    at = int(np.abs(np.log(games / 1000)).argmin())
    assert (low[at], middle[at], high[at]) == pytest.approx((2, 4, 8), rel=0.05)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert middle[-1] == pytest.approx(0.4)  # runs that have ended stay: 0.2, 0.4, 0.4


def test_both_measures_are_drawn_over_a_logarithmic_axis(runs):
    figure = draw_curves(grouped([read_curve(run) for run in runs]))
    panels = figure.axes
    assert [panel.get_xscale() for panel in panels] == ["log", "log"]
    assert [panel.get_title() for panel in panels] == ["compass error a game", "mistakes a game"]
    thick = [line for line in panels[0].lines if line.get_linewidth() == 2.2]
    assert len(thick) == 1  # the median of the group of three
    assert thick[0].get_ydata()[0] == pytest.approx(8)
    assert len(panels[0].collections) == 1  # its band
    ends = [line for line in panels[1].lines if line.get_marker() == "o"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in ends] == [
        (10000, 0.1),
        (10000, 0.2),
        (20000, 0.2),
        (10000, 0.1),
    ]
    assert [line.get_markerfacecolor() == "white" for line in ends] == [False, False, True, False]


@pytest.fixture
def unlike(tmp_path):
    """Runs that differ in nearly everything, one without a mistake at any time, one of a single point."""
    return [
        write_run(tmp_path / "a-small-one", [(100, 4, 1, 0.5), (900, 2, 0.5, 0)], hidden=16),
        write_run(
            tmp_path / "another",
            [(64, 0, 0, 0)],
            cell="gru",
            env_id="CatMouseMemory-v0",
            max_steps=12,
            batch=32,
        ),
        write_run(
            tmp_path / "third", [(1000, 9, 3, 1), (3_000_000, 0, 0, 0)], optimizer="adam", learning_rate=0.5
        ),
    ]


def overlap(figure, first, second):
    renderer = figure.canvas.get_renderer()
    return first.get_window_extent(renderer).overlaps(second.get_tightbbox(renderer))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("many", [1, 2, 3])
def test_the_legend_of_unlike_runs_is_short_and_beside_the_panels(unlike, many):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = draw_curves(grouped([read_curve(run) for run in unlike[:many]]))
    FigureCanvasAgg(figure).draw()
    (legend,) = figure.legends
    assert not any(overlap(figure, legend, panel) for panel in figure.axes)
    assert not any(panel.get_legend() for panel in figure.axes)
    names = [text.get_text() for text in legend.get_texts()]
    assert len(set(names)) == many
    assert max(map(len, names)) < 60
    for axis in (axis for panel in figure.axes for axis in (panel.xaxis, panel.yaxis)):
        written = [label.get_text() for label in axis.get_ticklabels(which="both")]
        assert not any("$" in text or "\u00d7" in text for text in written)
    box = legend.get_window_extent(figure.canvas.get_renderer())
    assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1


@pytest.mark.filterwarnings("error")
def test_curves_that_never_err_are_drawn_without_a_warning(unlike):
    draw_curves(grouped([read_curve(unlike[1])])).canvas.draw()


def test_curves_can_be_given_names(unlike, runs, tmp_path, capsys):
    curves = [read_curve(run) for run in (*unlike, *runs)]
    assert list(grouped(curves, list("abcd"))) == list("abcd")
    assert run_main(*unlike, "--labels", "one", "two", "--out", tmp_path / "plots") == 2
    assert "3 kinds of runs" in capsys.readouterr().err
    assert run_main(*unlike, "--out", tmp_path / "plots", "--labels", "one", "two", "three") == 0


@pytest.fixture
def env():
    return gym.make_vec("CatMouse-v0", num_envs=1)


def test_the_map_counts_every_move_and_mistake_once(env):
    brain = Brain(hidden=8, seed=1)
    counts, proved = error_map(brain, env), evaluate(brain, env)
    for moves in (counts.room_moves, counts.relative_moves):
        assert moves.sum() == proved.moves
    for mistakes in (counts.room_mistakes, counts.relative_mistakes):
        assert mistakes.sum() == proved.mistakes > 0
    assert (counts.room_mistakes <= counts.room_moves).all()
    assert counts.room_moves.shape == (6, 6)
    assert counts.relative_moves.shape == (11, 11)


class OnlyWrongRightAboveTheCat:
    """The teacher, but for the cell right above the cat, where it turns back."""

    def __init__(self, env):
        self._teacher = TeacherAgent(env)

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        action, state = self._teacher.predict(observation, state, episode_start, deterministic)
        cells = np.rint(observation[:, :4] * 5)
        above = (cells[:, 0] == cells[:, 2]) & (cells[:, 1] + 1 == cells[:, 3])
        return np.where(above, (action + 2) % 4, action), state


def test_mistakes_stand_where_they_were_made(env):
    counts = error_map(OnlyWrongRightAboveTheCat(env), env)
    wrong = np.zeros((11, 11), bool)
    wrong[6, 5] = True  # one above the cat, in its own column
    assert ((counts.relative_mistakes > 0) == wrong).all()
    assert counts.relative_mistakes[6, 5] == counts.relative_moves[6, 5]
    assert counts.room_mistakes[0].sum() == 0  # nobody stands above a cat at the bottom
    assert counts.room_mistakes.sum() == counts.mistakes


def test_the_drawn_map_shows_the_share_of_mistakes(env):
    counts = error_map(OnlyWrongRightAboveTheCat(env), env)
    relative, room = (panel.images[0] for panel in draw_error_map(counts, "").axes[:2])
    assert relative.get_array()[6, 5] == 100
    assert relative.origin == room.origin == "lower"
    assert np.ma.max(room.get_array()) == pytest.approx(
        100 * (counts.room_mistakes / counts.room_moves).max()
    )


@pytest.mark.parametrize(("width", "height"), [(2, 2), (2, 5), (12, 3)])
def test_every_room_has_a_map(width, height):
    env = gym.make_vec("CatMouse-v0", num_envs=1, width=width, height=height)
    counts = error_map(TeacherAgent(env), env)
    assert counts.mistakes == 0
    assert counts.room_moves.shape == (height, width)
    draw_error_map(counts, "teacher").canvas.draw()


def test_files_are_png_and_svg(runs, tmp_path):
    out = tmp_path / "plots"
    small = ("--errors", "random", "--width", 2, "--height", 2, "--quiet")
    assert run_main(*runs, *small, "--out", out) == 0
    assert {path.name for path in out.iterdir()} == {
        f"{name}.{ending}" for name in ("learning", "errors") for ending in ("png", "svg")
    }
    assert (out / "learning.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (out / "errors.svg").read_text()
    again = tmp_path / "again"
    run_main(*small, "--out", again)
    assert (again / "errors.svg").read_bytes() == (out / "errors.svg").read_bytes()


@pytest.mark.parametrize("damage", ["missing", "empty", "words", "falling", "config"])
def test_a_damaged_run_is_a_line_and_status_2(runs, tmp_path, capsys, damage):
    curve = runs[0] / "curve.csv"
    head = curve.read_text().splitlines()[0]
    if damage == "missing":
        curve.unlink()
    elif damage == "config":
        (runs[0] / "config.json").write_text("{")
    else:
        body = {"empty": "", "words": "a,b,c,d\n", "falling": "200,1,1,1\n100,1,1,1\n"}[damage]
        curve.write_text(f"{head}\n{body}")
    assert run_main(runs[0], "--out", tmp_path / "plots") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert str(runs[0]) in lines[0]


def test_nothing_to_draw_is_wrong_usage():
    assert run_main() == 2


def test_without_matplotlib_a_line_says_what_to_install(monkeypatch, runs, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert run_main(*runs) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "pip install" in lines[0]


def test_places_are_known_when_the_cat_is_not_seen():
    # The teacher's copy plays the same games in both: it keeps in mind where the cat was seen.
    hidden, shown = (
        error_map(TeacherAgent(env), env) for env in map(gym.make, ("CatMouseMemory-v0", "CatMouse-v0"))
    )
    assert hidden.moves == 12_960
    assert (hidden.relative_moves == shown.relative_moves).all()
    assert (hidden.room_moves == shown.room_moves).all()
