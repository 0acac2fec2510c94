"""
A real browser for tests: headless Chromium, spoken to over its debugging pipe, which needs no library.
"""

from __future__ import annotations

import base64
import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from attrs import define, field

#: Names under which it is found.
NAMES = ("chromium", "chromium-browser", "google-chrome")

#: Seconds after which a browser that says nothing hangs.
HANGS = 60.0

#: Where it reads commands and writes answers.
_READS, _WRITES = 3, 4


def found() -> str | None:
    """Where the browser is; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@define(eq=False)
class Chromium:
    """
    One page of a browser.

    `told` has what the page's console, and the browser about the page, said.
    """

    _pid: int
    _there: int
    _back: int
    _session: str = field(init=False, default="")
    _rest: bytes = field(init=False, default=b"")
    _numbers: Iterator[int] = field(init=False, factory=itertools.count)
    _loaded: int = field(init=False, default=0)
    told: list[str] = field(init=False, factory=list)
    _requests: dict[str, str] = field(init=False, factory=dict)

    @property
    def asked(self) -> list[str]:
        """The addresses that were asked for, the page's own among them; not those that its policy forbade."""
        return list(self._requests.values())

    @classmethod
    @contextmanager
    def started(cls, home: Path) -> Iterator[Self]:
        """A browser of one's own, whose files are in `home`; it is gone afterwards."""
        path = found()
        assert path is not None
        (read, to), (back, write) = os.pipe(), os.pipe()
        # Out of the way of the numbers that they get in the browser.
        theirs = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 64) for end in (read, write)]
        os.close(read)
        os.close(write)
        nothing = os.open(os.devnull, os.O_RDWR)
        pid = os.posix_spawn(
            path,
            [path, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
             "--remote-debugging-pipe", f"--user-data-dir={home}", "about:blank"],
            {**os.environ, "HOME": str(home)},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs[0], _READS),
                (os.POSIX_SPAWN_DUP2, theirs[1], _WRITES),
                *((os.POSIX_SPAWN_DUP2, nothing, number) for number in range(3)),
            ],
            setpgroup=0,
        )  # fmt: skip
        for end in (*theirs, nothing):
            os.close(end)
        browser = cls(pid, to, back)
        try:
            browser._attach()
            yield browser
        finally:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(to)
            os.close(back)

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What the browser answers to this command of the DevTools protocol."""
        number = self._send(method, parameters)
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, page: Path, fragment: str = "") -> None:
        """Load a file, and wait until it is there."""
        self.told.clear()
        # Another address of the same page would only move within it.
        self._go("about:blank")
        self._requests.clear()
        self._go(page.resolve().as_uri() + fragment)
        # What is told of the page may come behind the news that it is there; it stands before this answer.
        self.say("document.readyState")

    def say(self, expression: str) -> Any:
        """The value of an expression in the page; a promise is awaited."""
        said = self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """Press a key and let it go."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        common = {"key": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        self.do("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {}))
        self.do("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.do("Input.insertText", text=text)

    def picture(self, *, whole: bool = False) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.do("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def _go(self, address: str) -> None:
        before = self._loaded
        self.do("Page.navigate", url=address)
        while self._loaded == before:
            self._next()

    def _attach(self) -> None:
        targets = self.do("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.do("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._there, data) :]
        return number

    def _next(self) -> dict[str, Any]:
        """The next message; what it says of the page is noted."""
        until = time.monotonic() + HANGS
        while b"\0" not in self._rest:
            ready, *_ = select.select([self._back], [], [], until - time.monotonic())
            assert ready, "the browser says nothing"
            data = os.read(self._back, 1 << 20)
            assert data, "the browser is gone"
            self._rest += data
        data, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(data)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, said: dict[str, Any]) -> None:
        match method:
            case "Page.loadEventFired":
                self._loaded += 1
            case "Network.requestWillBeSent":
                self._requests[said["requestId"]] = said["request"]["url"]
            case "Network.loadingFailed" if said.get("blockedReason") == "csp":
                del self._requests[said["requestId"]]
            case "Log.entryAdded":
                self.told.append(said["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.told.append(said["exceptionDetails"]["text"])
            case "Runtime.consoleAPICalled":
                self.told.append(json.dumps(said["args"]))
            case "Page.javascriptDialogOpening":
                self.told.append(said["message"])
                # Nobody is there to press its button, and it holds up everything else.
                self._send("Page.handleJavaScriptDialog", {"accept": True})
