"""What is trained in the page: certified within seconds; by the article's settings as the article has it."""

from pathlib import Path

import pytest

from agents.original import PRESET
from agents.runs.config import RunConfig
from agents.runs.run import Run

ARTICLE = """
const recipe = { ...catmouse.data.recipes.original, hidden: arguments[0], report_every: 1e9 };
const run = new catmouse.Run(catmouse.games.view, recipe, catmouse.data.constants);
while (!run.finished && run.trainer.gamesPlayed < arguments[1]) run.trainer.update();
return [run.trainer.gamesPlayed, run.trainer.smoothedError, run.trainer.smoothedMistakes];
"""


def processor_seconds():
    """What all children of this process have taken so far, in seconds."""
    total, tick = 0, 100
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        parents[stat.parent.name], used[stat.parent.name] = fields[1], int(fields[11]) + int(fields[12])
    own = str(Path("/proc/self").resolve().name)
    for process in used:
        above = process
        while above in parents and above != own:
            above = parents[above]
        total += used[process] if above == own and process != own else 0
    return total / tick


def test_a_brain_is_trained_in_the_page_to_a_certificate(open_browser):
    browser = open_browser(still=True)
    before = processor_seconds() if Path("/proc").exists() else None
    browser.click("#learn-train")
    text = browser.wait("""const seal = document.getElementById("learn-seal");
        return /sure|flawed/.test(seal.className) ? seal.textContent : null;""")
    assert text.startswith("Certified: no mistake from any of the 1,296 starts"), text
    if before is not None:  # processor time: a busy machine makes no page slow
        assert processor_seconds() - before < 20
    # Back through the training, to a mistake, and its game.
    browser.run("""const slider = document.getElementById("learn-slider");
        slider.value = 1;
        slider.dispatchEvent(new Event("input"));""")
    assert "After 1,024 games" in browser.text("#learn-when")
    browser.click("#learn-mistake")
    browser.wait("""return document.getElementById("learn-start").textContent.includes("the teacher says")""")
    # The keys of the map choose another start, and the report follows.
    chosen = browser.run("return catmouse.sections.learn.map.chosen")
    browser.press("#learn-map", "\ue013")
    browser.press("#learn-map", "\ue015")
    assert browser.run("return catmouse.sections.learn.map.chosen") in (chosen, chosen - 1, chosen + 1)
    assert browser.complaints() == []


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_cell_learns_without_mistake_where_the_cat_is_seen_once(calculator, cell):
    script = """
    const recipe = { ...catmouse.data.recipes[arguments[0] + " memory"], seed: 1 };
    const run = new catmouse.Run(catmouse.games.memory, recipe, catmouse.data.constants);
    while (!run.finished) run.advance();
    return run.last.mistakes;"""
    assert calculator.run(script, cell) == 0


@pytest.mark.parametrize("hidden", [16, 32])
def test_the_articles_settings_behave_like_the_article(calculator, hidden):
    games = 3000
    run = Run(RunConfig(**{**PRESET, "hidden": hidden}))
    while run.trainer.games_played < games:
        run.trainer.update()
    played, error, mistakes = calculator.run(ARTICLE, hidden, games)
    assert played == games
    assert error == pytest.approx(run.trainer.smoothed_error, abs=1e-9)
    assert mistakes == pytest.approx(run.trainer.smoothed_mistakes, abs=1e-9)


def test_a_few_hundred_right_answers_settle_every_position(calculator):
    """Two lessons; the page says "a few hundred"."""
    script = """
    const game = catmouse.games.view, counts = [];
    for (let seed = 0; seed < 2; seed++) {
      const lesson = new catmouse.Lesson(game, catmouse.data.constants, seed);
      do lesson.answer(game.label(lesson.asked, game.max_steps));
      while (lesson.answers.size < 200 || lesson.certify().mistakes);
      counts.push(lesson.answers.size);
    }
    return counts;"""
    assert all(200 < answers < 600 for answers in calculator.run(script))


@pytest.mark.slow
@pytest.mark.parametrize(("hidden", "number"), [(16, 716_342), (32, 239_721)])
def test_the_articles_table_comes_out_to_the_game(calculator, hidden, number):
    played, error, _ = calculator.run(ARTICLE, hidden, 1_000_000)
    assert (played - 1, error < 1.2) == (number, True)
