"""What a visitor does: looks, drags, types, taps; by mouse, keys and fingers, and without seeing."""

from pathlib import Path

import pytest

from agents.runs.config import RunConfig

UP, RIGHT, DOWN, LEFT = "\ue013", "\ue014", "\ue015", "\ue012"  # as WebDriver writes the arrow keys
KEYS = [UP, RIGHT, DOWN, LEFT]


@pytest.fixture(scope="module")
def wide(open_browser):
    return open_browser(width=1280)


@pytest.fixture(scope="module")
def still(open_browser):
    """Somebody who wants no motion."""
    return open_browser(still=True)


@pytest.fixture(scope="module")
def phone(open_browser):
    return open_browser(width=390, height=844, touch=True, still=True)


def watched(browser):
    """Cat's cell, mouse's cell and moves made, in the first section."""
    return browser.run("""const { playing, brain } = catmouse.sections.watch, { game } = brain;
        return [game.cat(playing.state), game.mouse(playing.state), playing.steps];""")


def test_a_mouse_runs_at_once(wide):
    wide.wait("return catmouse.sections.watch.playing.steps > 1")
    assert "no mistake from any of the 1,296 starts" in wide.text("#watch-seal")
    wide.click("#watch-play")
    assert wide.text("#watch-play") == "Play"
    assert wide.complaints() == []


def test_the_cat_is_dragged_by_the_mouse_button_and_everything_answers(wide):
    from selenium.webdriver import ActionChains

    wide.run("catmouse.sections.watch.play(false); catmouse.sections.watch.drag('cat', 0)")
    wide.run("catmouse.sections.watch.drag('mouse', 14)")
    before = wide.run("return document.querySelector('#watch-room .arrows').innerHTML")
    cat, away = wide.find("#watch .cat"), wide.find("#watch .tile:nth-of-type(30)")
    wide.middle("#watch-room")
    wide.wait("return document.querySelector('#watch .cat').getAnimations().length === 0")
    ActionChains(wide.driver, duration=100).drag_and_drop(cat, away).perform()
    assert watched(wide) == [29, 14, 0]
    assert wide.run("return document.querySelector('#watch-room .arrows').innerHTML") != before
    assert "Cat at column 5, row 6" in wide.text("#watch-text")
    assert wide.complaints() == []


def test_without_motion_nothing_moves_until_it_is_asked(still):
    assert still.text("#watch-play") == "Play"
    assert watched(still)[2] == 0
    still.click("#watch-step")
    assert watched(still)[2] == 1
    assert still.find("#watch-text").get_attribute("aria-live") == "polite"


def test_the_animals_are_moved_by_keys(still):
    still.run("catmouse.sections.watch.drag('cat', 0); catmouse.sections.watch.drag('mouse', 14)")
    still.press("#watch .cat", RIGHT, UP)
    assert watched(still)[:2] == [7, 14]
    assert "Cat at column 2, row 2" in still.find("#watch .cat").get_attribute("aria-label")
    still.press("#watch .mouse", LEFT)
    assert watched(still)[:2] == [7, 8]


def test_every_brain_plays_to_the_end_without_a_mistake(still):
    for number in range(3):
        still.run("catmouse.sections.watch.take(arguments[0]); catmouse.sections.watch.play(false)", number)
        for _ in range(10):
            still.click("#watch-step")
        assert still.run("return catmouse.sections.watch.playing.mistakes") == 0
    still.run("catmouse.sections.watch.take(0)")
    assert still.complaints() == []


def test_settings_follow_the_recipes_and_training_can_be_stopped(still):
    def fields():
        return still.run("""const { cell, hidden, learning_rate, optimizer, head, batch, bias } =
            catmouse.sections.learn.settings.recipe;
            return [cell, hidden, learning_rate, optimizer, head, batch, bias];""")

    def recipe(env_id):
        own = RunConfig(env_id=env_id).filled()
        rate = pytest.approx(own.learning_rate, abs=5e-5)  # as many digits as the control shows
        return [own.cell, own.hidden, rate, own.optimizer, own.head, own.batch, own.bias]

    assert fields() == recipe("CatMouse-v0")
    still.click("#learn-sight [data-value=memory]")
    assert fields() == recipe("CatMouseMemory-v0")
    still.click("#learn-preset [data-value=article]")
    assert fields() == ["elman", 16, 0.1, "sgd", "compass", 1, False]
    assert still.find("#learn-cell").get_attribute("disabled")
    still.click("#learn-train")
    still.wait("return catmouse.sections.learn.reports.length > 1")
    assert still.text("#learn-train") == "Stop"
    still.click("#learn-train")
    still.wait("return catmouse.sections.learn.worker === null")
    assert "Ended with" in still.text("#learn-seal")
    still.click("#learn-preset [data-value=ours]")
    assert not still.find("#learn-cell").get_attribute("disabled")
    assert still.complaints() == []


def test_a_wiped_memory_errs_where_the_same_brain_does_not(still):
    assert "With its memory 0.00 mistakes a game" in still.text("#remember-sum")
    still.run("catmouse.sections.remember.begin(3)")
    for _ in range(10):
        still.click("#remember-step")
    kept, wiped = still.run("return catmouse.sections.remember.sides.map(({ playing }) => playing.mistakes)")
    assert kept == 0 < wiped
    assert still.complaints() == []


@pytest.mark.parametrize("against", [0, 1])
@pytest.mark.parametrize("role", ["mouse", "cat"])
def test_a_fight_is_fought_by_keys_and_scored_beside_the_perfect_player(still, role, against):
    still.click(f"#fight-role [data-value={role}]")
    still.click(f"#fight-against [data-value='{against}']")
    perfect = 0
    for games in (1, 2):
        scores = "return catmouse.sections.fight.opponent.scores[catmouse.sections.fight.start]"
        perfect += still.run(scores) if role == "mouse" else 1 - still.run(scores)
        for move in range(10):
            still.press("#fight-board", "qe"[move % 2] if role == "cat" else KEYS[move % 4])
            if still.run("return catmouse.sections.fight.over"):
                break
        assert still.text("#fight-games") == str(games)
        assert float(still.text("#fight-perfect")) == pytest.approx(perfect, abs=0.006)
        assert "You win" in still.text("#fight-text") or "You lose" in still.text("#fight-text")
        still.click("#fight-next")
    assert still.complaints() == []


def test_a_pupil_is_taught_by_keys_to_a_certificate(still):
    """By somebody who answers as the teacher would, but for one slip that is taken back."""
    ideal = (
        "const { lesson, game } = catmouse.sections.teach; return game.label(lesson.asked, game.max_steps)"
    )
    slip = (still.run(ideal) + 1) % 4
    still.press("#teach-board .board", KEYS[slip])
    assert (still.text("#teach-yours"), still.text("#teach-mistakes")) == ("1", "1")
    still.click("#teach-undo")
    assert (still.text("#teach-yours"), still.text("#teach-mistakes")) == ("0", "0")
    for _ in range(5):
        still.press("#teach-board .board", KEYS[still.run(ideal)])
    for _ in range(600):
        if still.run("return catmouse.sections.teach.certified"):
            break
        still.run("document.querySelectorAll('#teach-pad button')[arguments[0]].click()", still.run(ideal))
    assert still.text("#teach-seal").startswith("Certified, from")
    assert still.text("#teach-mistakes") == still.text("#teach-teachers") == "0"
    assert int(still.text("#teach-yours")) < 600
    assert still.complaints() == []


def test_the_teacher_helps_and_mistakes_are_asked_again(still):
    still.click("#teach-new")
    ideal = (
        "const { lesson, game } = catmouse.sections.teach; return game.label(lesson.asked, game.max_steps)"
    )
    wrong = (still.run(ideal) + 2) % 4
    asked = still.run("return catmouse.sections.teach.lesson.asked")
    still.press("#teach-board .board", KEYS[wrong])
    still.click("#teach-help")
    still.wait("return document.getElementById('teach-teachers').textContent === '10'")
    still.click("#teach-wrong")
    assert still.run("return catmouse.sections.teach.lesson.asked") == asked
    still.press("#teach-board .board", KEYS[(wrong + 2) % 4])
    assert (still.text("#teach-yours"), still.text("#teach-mistakes")) == ("1", "0")
    still.click("#teach-finish")
    still.wait("return catmouse.sections.teach.certified")
    assert still.complaints() == []


def test_everything_works_by_finger_on_a_phone(phone):
    assert phone.run("return document.documentElement.scrollWidth") <= 390
    phone.run("catmouse.sections.watch.drag('cat', 0); catmouse.sections.watch.drag('mouse', 14)")
    phone.middle("#watch-room")
    script = """const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return [box.left + box.width / 2, box.top + box.height / 2];"""
    x, y = phone.run(script, "#watch .cat .fur")
    to = phone.run(script, "#watch .tile:nth-of-type(30)")
    phone.tap(x, y, to)
    assert watched(phone)[:2] == [29, 14]
    # A tap on a cell beside the mouse moves it there.
    phone.run("""const { fight } = catmouse.sections;
        Object.assign(fight, { state: fight.game.join(35, 14), start: fight.game.join(35, 14) });
        fight.show();""")
    phone.middle("#fight-room")
    phone.tap(*phone.run(script, "#fight .tile:nth-of-type(16)"))
    assert phone.run(
        "const { fight } = catmouse.sections; return [fight.steps, fight.game.mouse(fight.state)]"
    ) == [1, 15]
    x, y = phone.middle("#teach-pad .to-left")
    phone.tap(x, y)
    assert phone.text("#teach-yours") == "1"
    x, y = phone.middle("#learn-map")
    phone.tap(x, y)
    assert phone.complaints() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation(open_browser, width, dark):
    axe = Path(pytest.importorskip("axe_playwright_python").__file__).with_name("axe.min.js").read_text()
    browser = open_browser(width=width, touch=width == 390, dark=dark, still=True)
    browser.click("#learn-train")
    browser.wait("return catmouse.sections.learn.reports.length > 1")
    browser.click("#learn-train")
    browser.wait("return catmouse.sections.learn.worker === null")
    browser.run(axe)
    found = browser.driver.execute_async_script("axe.run().then(arguments[0])")["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert browser.complaints() == []
    browser.driver.quit()
