"""
Where a server that we start finds what it needs: our assets, and the file that their events go to.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from attrs import frozen

from harness import assets


@frozen
class Workspace:
    """A temporary directory, which is ours to remove."""

    directory: Path

    @classmethod
    def make(cls) -> Workspace:
        """A new one, with the assets in it.  Raises `UsageError`."""
        workspace = cls(Path(tempfile.mkdtemp(prefix="web60-")))
        assets.write(workspace.assets)
        if os.geteuid() == 0:
            # A server that root starts gives its rights up, as a rule: its scripts must be found, and write, still.
            workspace.directory.chmod(0o755)
            workspace.events.touch()
            workspace.events.chmod(0o666)
        return workspace

    @property
    def assets(self) -> Path:
        """The directory of the assets."""
        return self.directory / "assets"

    @property
    def events(self) -> Path:
        """The file that scripts and applications append their events to."""
        return self.directory / "events.jsonl"

    @property
    def environment(self) -> dict[str, str]:
        """What tells a server of both."""
        return assets.environment(self.assets, self.events)

    @property
    def environment_here(self) -> dict[str, str]:
        """The same for a server in this process, to whose scripts `python3` is the Python that runs us."""
        here = str(Path(sys.executable).parent)
        return {**self.environment, "PATH": os.pathsep.join(filter(None, (here, os.environ.get("PATH"))))}

    def forget_events(self) -> None:
        """Begin a new file of events."""
        if self.events.exists():
            os.truncate(self.events, 0)

    def remove(self) -> None:
        """Remove it, and all that is in it.  A second call does nothing."""
        shutil.rmtree(self.directory, ignore_errors=True)
