"""A real headless Firefox for the tests, spoken to in its Marionette protocol over a socket.

Standard library only. MOIRESPIN_TEST_FIREFOX=1 lets `find` install Debian's package where there is
no browser.
"""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import browsers

NAMES = ("firefox-esr", "firefox")
LONGEST_WAIT_S = 60.0
# What went wrong in a page, and all that it asked for, is known to the browser's own side.
ERRORS = """
return Services.console.getMessageArray()
  .filter((told) => told instanceof Ci.nsIScriptError && told.sourceName.startsWith("file:"))
  .filter((told) => !(told.flags & Ci.nsIScriptError.warningFlag))
  .map((told) => told.errorMessage);
"""


def find() -> str | None:
    """Return the path of a Firefox, or None."""
    return browsers.find(NAMES, package="firefox-esr", variable="MOIRESPIN_TEST_FIREFOX")


def free_port() -> int:
    """Return a port of this computer that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Browser:
    """One Firefox with one page."""

    def __init__(self, program: str, profile: Path):
        """Start the browser with an empty profile in `profile`."""
        port = free_port()
        profile.mkdir()
        (profile / "user.js").write_text(
            f'user_pref("marionette.port", {port});\n'
            # No first page, no update, nothing to report.
            'user_pref("browser.startup.homepage_override.mstone", "ignore");\n'
            'user_pref("datareporting.policy.dataSubmissionEnabled", false);\n'
            'user_pref("app.update.enabled", false);\n'
        )
        command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
        # Errors of a page are told to the side of the browser only.
        command += ["--remote-allow-system-access"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(
            command, env=os.environ | {"HOME": str(profile), "MOZ_HEADLESS": "1"}, **quiet
        )
        self._number = 0
        self._socket = self._connect(port)
        self._receive()
        self.call("WebDriver:NewSession", capabilities={})
        self.call("WebDriver:SetWindowRect", width=1440, height=900)

    def _connect(self, port: int) -> socket.socket:
        end = time.monotonic() + LONGEST_WAIT_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=LONGEST_WAIT_S)
            except OSError:
                if time.monotonic() > end or self._process.poll() is not None:
                    self.close()
                    raise RuntimeError("Firefox does not answer") from None
                time.sleep(0.1)

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def call(self, command: str, **parameters):
        """Return the answer to one command of the protocol."""
        self._number += 1
        data = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(data), data))
        _, _, error, answer = self._receive()
        if error:
            raise RuntimeError(f"{command}: {error['message']}")
        return answer

    def _receive(self):
        """Return the next message: its length in bytes, a colon, and JSON."""
        head = b""
        while not head.endswith(b":"):
            head += self._read(1)
        return json.loads(self._read(int(head[:-1])))

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._socket.recv(min(count - len(data), 1 << 20))
            if not more:
                raise RuntimeError("Firefox has ended")
            data += more
        return data

    def open(self, address: str) -> None:
        """Open an address and wait until the page has run."""
        self.call("WebDriver:Navigate", url=address)

    def run(self, expression: str):
        """Return the value of an expression in the page."""
        answer = self.call("WebDriver:ExecuteScript", script=f"return {expression};", args=[])
        return answer["value"]

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + LONGEST_WAIT_S
        while not self.run(condition):
            if time.monotonic() > end:
                raise RuntimeError(f"{condition} did not come true; errors: {self.errors()}")
            time.sleep(0.05)

    def press(self, selector: str, keys: str) -> None:
        """Press keys in an element."""
        found = self.call("WebDriver:FindElement", using="css selector", value=selector)
        (name,) = found["value"].values()
        self.call("WebDriver:ElementSendKeys", id=name, text=keys)

    def errors(self) -> list[str]:
        """Return the errors of pages that were opened as files."""
        self.call("Marionette:SetContext", value="chrome")
        try:
            return self.call("WebDriver:ExecuteScript", script=ERRORS, args=[])["value"]
        finally:
            self.call("Marionette:SetContext", value="content")
