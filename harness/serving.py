"""
`web60 serve`: the reference implementation, with the suite's assets, in place of this process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from harness import assets
from harness.given import REFERENCE, package


def serve(options: dict[str, Any]) -> NoReturn:
    """Run the reference until it ends; our exit code is its own."""
    place = package().parent
    with tempfile.TemporaryDirectory(prefix="web60-") as ours:
        # A run that starts us has written the assets already, and may edit them.
        directory = os.environ.get("WEB60_ASSETS") or ours
        if directory == ours:
            assets.write(Path(ours))
        words = [sys.executable, "-m", REFERENCE, "--assets", directory, "--host", options["host"]]
        for name in ("port", "delay", "idle"):
            if options[name] is not None:
                words += [f"--{name}", str(options[name])]
        if options["literal"]:
            words.append("--literal")
        path = os.pathsep.join(filter(None, (str(place), os.environ.get("PYTHONPATH"))))
        child = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": path})  # noqa: S603 - our own package
        # Whoever ends us means the server: it must not live on without us.
        before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        try:
            code = child.wait()
        except KeyboardInterrupt:
            # The terminal has told the child as well; it ends by itself.
            code = child.wait()
        finally:
            signal.signal(signal.SIGTERM, before)
    raise SystemExit(code)
