"""The picture of the playground: `python tests/page/picture.py docs/images/playground.png`, by Chromium."""

import base64
import sys
from pathlib import Path

from conftest import Browser

PAGE = Path(__file__).parents[2] / "docs" / "playground.html"
WIDTH, HEIGHT, SCALE = 1280, 880, 1.5
MOVES = 4
SCENE = f"""
const {{ watch }} = catmouse.sections;
watch.drag("cat", 9);
watch.drag("mouse", 14);
for (let move = 0; move < {MOVES}; move++) watch.step();
watch.playButton.textContent = "Play";
"""


def main(out: Path) -> None:
    browser = Browser(PAGE, width=WIDTH, height=HEIGHT, still=True)
    try:
        metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": SCALE, "mobile": False}
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        browser.run(SCENE)
        taken = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        out.write_bytes(base64.b64decode(taken["data"]))
    finally:
        browser.driver.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
