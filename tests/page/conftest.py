"""The page in a real browser: Chromium without a window, by Selenium. Skipped where either is missing."""

import json
import shutil
import time

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMEDRIVER = shutil.which("chromedriver")
PATIENCE = 120  # seconds that anything may take on a busy machine


class Browser:
    """A window of Chromium with the page in it, opened from its file."""

    def __init__(self, page, width=1280, height=900, touch=False, dark=False, still=False):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
            options.add_argument(argument)
        options.add_argument(f"--window-size={width},{height}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        if touch:
            metrics = {"width": width, "height": height, "pixelRatio": 2, "touch": True}
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
        self.driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
        self.driver.set_script_timeout(PATIENCE)
        media = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        self.address = page.as_uri()
        self.driver.get(self.address)
        self.wait("return window.catmouse !== undefined")

    def run(self, script, *arguments):
        """What a script returns that is executed in the page."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script, *arguments):
        """Wait until a script returns something true, and return it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if result := self.run(script, *arguments):
                return result
            time.sleep(0.05)
        raise AssertionError(f"in vain: {script}")

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def text(self, selector):
        return self.find(selector).text

    def click(self, selector):
        element = self.find(selector)
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def press(self, selector, *keys):
        """Keys on an element that has the focus, one after the other."""
        from selenium.webdriver import ActionChains

        self.run("arguments[0].focus()", self.find(selector))
        ActionChains(self.driver).send_keys(*keys).perform()

    def tap(self, x, y, to=None):
        """A finger on a point of the window; with `to`, moved there before it is lifted."""
        points = [(x, y)] if to is None else [(x, y), ((x + to[0]) / 2, (y + to[1]) / 2), to]
        for number, (left, top) in enumerate(points):
            kind = "touchMove" if number else "touchStart"
            touch = {"type": kind, "touchPoints": [{"x": left, "y": top}]}
            self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", touch)
        self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def middle(self, selector):
        """The middle of an element, in the window."""
        script = """const element = document.querySelector(arguments[0]);
            element.scrollIntoView({block: 'center', behavior: 'instant'});
            const box = element.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];"""
        return self.run(script, selector)

    def complaints(self):
        """What the console has said, and what was asked of any network, since the last time."""
        said = [entry["message"] for entry in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                address = message["params"]["request"]["url"]
                if address != self.address and not address.startswith(("blob:", "data:")):
                    said.append(f"a request: {address}")
        return said


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    """The page, built anew."""
    pytest.importorskip("scipy")
    from catmouse.command_line import run

    out = tmp_path_factory.mktemp("page") / "playground.html"
    assert run("page", ["--out", str(out)]) == 0
    return out


@pytest.fixture(scope="session")
def open_browser(page):
    """Opens windows of Chromium, and closes them in the end."""
    pytest.importorskip("selenium")
    if CHROMIUM is None or CHROMEDRIVER is None:
        pytest.skip("chromium or chromedriver is not installed")
    opened = []

    def start(**options):
        opened.append(Browser(page, **options))
        return opened[-1]

    yield start
    for browser in opened:
        browser.driver.quit()


@pytest.fixture(scope="session")
def calculator(open_browser):
    """A window in which nothing moves, to calculate in."""
    return open_browser(still=True)
