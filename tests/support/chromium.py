"""Chromium without a window, spoken to in its DevTools protocol through a pair of pipes.

Debian's chromium is enough: no driver, no port, no package. Messages are JSON, each ended by a zero
byte; what the browser does by itself, such as asking the network for something, comes as events.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time

PATH = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --disable-dev-shm-usage "
    "--hide-scrollbars --remote-debugging-pipe"
).split()
PATIENCE = 60  # seconds for an answer, on a busy machine too


class Chromium:
    """One browser with one tab. Use it in a `with`.

    Attributes:
        events: what has happened in the tab, [(method, params), ...].
    """

    def __init__(self, profile):
        # The browser reads its 3 and writes its 4; ours must not be among these numbers.
        there, self._write = _pipe()
        self._read, here = _pipe()
        null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
        pipes = [(os.POSIX_SPAWN_DUP2, there, 3), (os.POSIX_SPAWN_DUP2, here, 4)]
        command = [PATH, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        # A group of its own, which is ended as a whole.
        self._pid = os.posix_spawn(
            PATH, command, os.environ, file_actions=[*null, *pipes], setpgroup=0
        )
        os.close(there)
        os.close(here)
        self._received, self._number = b"", 0
        self._tab, self.events = {}, []

    def __enter__(self):
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page, flatten=True)
        self._tab = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._read)
        os.close(self._write)

    def call(self, method, **params):
        """Does what the protocol calls `method`; returns its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params, **self._tab}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def open(self, url):
        """Opens a page, and waits until all of it is loaded."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not self.happened("Page.loadEventFired"):
            self._next()

    def happened(self, method):
        """The parameters of all events of a kind, since the page was opened."""
        return [params for name, params in self.events if name == method]

    def ask(self, expression):
        """The value of a JavaScript expression; of a promise, what it comes to."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def look(self, width, height=800, mobile=False, media="screen", scheme="light"):
        """Shows the page on a screen of so many pixels, or on paper, in light or in dark."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, mobile=mobile,
                  deviceScaleFactor=1)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def screenshot(self, path, whole=False):
        """Writes what the tab shows, or all of the page, as a PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self):
        """The bytes of the page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def _next(self):
        """The next message; one that is an event is remembered."""
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._read], [], [], deadline - time.monotonic())
            chunk = os.read(self._read, 1 << 20) if ready else b""
            if not chunk:
                raise RuntimeError("chromium has ended" if ready else "chromium does not answer")
            self._received += chunk
        message, _, self._received = self._received.partition(b"\0")
        message = json.loads(message)
        if "method" in message:
            self.events.append((message["method"], message["params"]))
        return message


def _pipe():
    """A pipe whose ends have numbers above 9; closed in any program that is started."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high
