"""Frames a second of the explorer while its sliders are dragged, in a headless Chromium.

    python benchmarks/explorer.py [explorer.html]

The mouse moves 125 times a second, as one does, whether or not the page keeps pace; a frame counts
when its slider has moved since the one before. 60 a second are the most. Beside them stands the
processor time of the page's thread for such a frame, which other work on the machine changes less.
A page that needs more than 30 ms draws coarser textures while something moves. Without a page that
of the shipped model is written first.
"""

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "workflow")]

import chromium  # noqa: E402
from moirespin.cli.__main__ import main as moirespin  # noqa: E402

MOVES = 375
BETWEEN_S = 0.008
COUNT = """(() => {
  window.moved = 0;
  const slider = document.getElementById("%s-slider");
  let before = slider.value;
  const frame = () => {
    if (slider.value !== before) window.moved++;
    before = slider.value;
    requestAnimationFrame(frame);
  };
  frame();
})()"""
VIEWS = {
    "both layers, 200 x 200 pixels": "",
    "with arrows": "arrows=on",
    "0.3 degrees, 400 nm": "theta=0.3&J=8&window=400",
    "net, point spread 2 nm": "probe=net&psf=2",
    "stray field at 20 nm, noise": "probe=stray-field&noise=on",
}


def busy_s(browser: chromium.Browser) -> float:
    """Return the processor time that the page's thread has used."""
    metrics = browser.call("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def drag(browser: chromium.Browser, slider: str) -> tuple[float, float]:
    """Return frames a second, and milliseconds of the processor for each, while a slider moves."""
    place = browser.place_of(f"#{slider}-slider")
    y = place["top"] + place["height"] / 2

    def at(move: int) -> float:
        return place["left"] + place["width"] * (0.35 + 0.4 * move / MOVES)

    browser.mouse("mousePressed", at(0), y, button="left", buttons=1, clickCount=1)
    browser.run(COUNT % slider)
    begun, used = time.perf_counter(), busy_s(browser)
    for move in range(1, MOVES + 1):
        browser.send(
            "Input.dispatchMouseEvent", type="mouseMoved", x=at(move), y=y, buttons=1, button="left"
        )
        time.sleep(max(begun + move * BETWEEN_S - time.perf_counter(), 0))
    frames = browser.run("window.moved")
    seconds, spent = time.perf_counter() - begun, busy_s(browser) - used
    browser.mouse("mouseReleased", at(MOVES), y, button="left", clickCount=1)
    return frames / seconds, 1000 * spent / frames


def main() -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "explorer.html"
        if len(sys.argv) == 1:
            moirespin(["explore", "--out", str(page)])
        program = chromium.find()
        if program is None:
            sys.exit("no Chromium here")
        browser = chromium.Browser(program, Path(folder) / "profile")
        try:
            browser.call("Performance.enable", timeDomain="threadTicks")
            print("frames a second, and ms of the processor for a frame, while a slider is dragged")
            print(f"{'view':30}{'theta':>16}{'J':>16}{'D':>16}")
            for name, fields in VIEWS.items():
                browser.open("about:blank")
                browser.open(f"{page.resolve().as_uri()}#{fields}")
                browser.wait("window.explorer !== undefined")
                browser.frames(10)
                rates = [drag(browser, slider) for slider in ("theta", "J", "D")]
                shown = "".join(f"{rate:10.1f}{spent:6.1f}" for rate, spent in rates)
                print(f"{name:30}{shown}", flush=True)
        finally:
            browser.close()


if __name__ == "__main__":
    main()
