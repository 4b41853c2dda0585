"""A real headless Chromium for the tests, spoken to in its DevTools protocol over two pipes.

Standard library only. MOIRESPIN_TEST_CHROMIUM=1 lets `find` install Debian's package where there is
no browser.
"""

import base64
import json
import os
import select
import subprocess
import time
from pathlib import Path

import browsers

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LONGEST_WAIT_S = 60.0


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    return browsers.find(NAMES, package="chromium", variable="MOIRESPIN_TEST_CHROMIUM")


class Browser:
    """One Chromium with one page.

    Attributes:
        requests: addresses that the page asked for.
        errors: exceptions and messages of the kind error.
    """

    def __init__(self, program: str, profile: Path, width: int = 1440, height: int = 900):
        """Start the browser with an empty profile in `profile`."""
        read, self._write = os.pipe()
        self._read, write = os.pipe()
        command = [program, "--headless=new", "--remote-debugging-pipe", "--no-first-run"]
        command += ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += ["--disable-background-networking", "--disable-extensions"]
        command += [f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank"]

        def join_pipes() -> None:
            # Chromium reads from 3 and writes to 4, numbers that our own ends may have.
            low = os.dup(read), os.dup(write)
            os.dup2(low[0], 3)
            os.dup2(low[1], 4)

        self._process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=join_pipes,
        )
        os.close(read)
        os.close(write)
        self._buffer, self._number, self._session = b"", 0, None
        self.requests: list[str] = []
        self.errors: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.resize(width, height)

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)
        os.close(self._write)

    def send(self, method: str, **parameters) -> None:
        """Give one command of the protocol without waiting for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]

    def call(self, method: str, **parameters):
        """Return the answer to one command of the protocol."""
        self.send(method, **parameters)
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _receive(self) -> dict:
        end = time.monotonic() + LONGEST_WAIT_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], end - time.monotonic())
            chunk = os.read(self._read, 1 << 20) if ready else b""
            if not chunk:
                raise RuntimeError("the browser does not answer")
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(line)
        about = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(about["request"]["url"])
            case "Runtime.exceptionThrown":
                details = about["exceptionDetails"]
                self.errors.append(details.get("exception", details).get("description", ""))
            case "Log.entryAdded" if about["entry"]["level"] == "error":
                self.errors.append(about["entry"]["text"])
        return message

    def open(self, address: str) -> None:
        """Open an address and wait until the page has run."""
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + LONGEST_WAIT_S
        while not self.run(condition):
            if time.monotonic() > end:
                raise RuntimeError(f"{condition} did not come true; errors: {self.errors}")
            time.sleep(0.02)

    def run(self, expression: str):
        """Return the value of an expression in the page; a promise is waited for."""
        found = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"]["description"])
        return found["result"].get("value")

    def frames(self, count: int = 2) -> None:
        """Wait until the page has painted."""
        for _ in range(count):
            self.run("new Promise(requestAnimationFrame).then(() => 0)")

    def resize(self, width: int, height: int, mobile: bool = False, scale: float = 1) -> None:
        """Give the window another size."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=mobile,
        )

    def place_of(self, selector: str) -> dict:
        """Return left, top, width and height of an element, scrolled into sight."""
        return self.run(
            f"(() => {{ const e = document.querySelector({selector!r});"
            " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            " return {left: b.left, top: b.top, width: b.width, height: b.height}; })()"
        )

    def mouse(self, kind: str, x: float, y: float, **more) -> None:
        """Move the mouse, or press or release its button: mouseMoved, mousePressed, ..."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x: float, y: float) -> None:
        """Click at a place."""
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", buttons=1, clickCount=1)

    def key(self, name: str, code: int) -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, windowsVirtualKeyCode=code)

    def screenshot(self, path: str | Path, whole: bool = False) -> None:
        """Write what the window shows, or the whole page, as PNG."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(found["data"]))
