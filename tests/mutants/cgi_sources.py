"""
Mutants of the CGI page: scripts that are shown as text.
"""
# ruff: noqa: N815 - Twisted's names

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request
from twisted.web.static import Data

from reference_impl import cgi
from reference_impl.settings import default_assets
from tests.mutants import Reference, mutant, of
from tests.mutants.cgi import looking_up


class Shown(Resource):
    """A file as it stands, whatever follows its name."""

    isLeaf = True

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def render(self, request: Request) -> bytes:
        """Show it."""
        request.setHeader(b"content-type", b"text/plain")
        return self._file.read_bytes()


def showing(reference: Reference, shown: Callable[[Request, bytes], bytes]) -> None:
    """Have those files shown, instead of run, whose names `shown(request, segment)` gives."""

    def shows(scripts: cgi.Scripts, path: bytes, request: Request) -> Any:
        file = Path(scripts._directory, shown(request, path).decode("latin-1"))
        return Shown(file) if file.is_file() else None

    class Scripts(cgi.Scripts):
        def getChild(self, path: bytes, request: Request) -> Any:
            return shows(self, path, request) or super().getChild(path, request)

    class FilteredScripts(cgi.FilteredScripts):
        def getChild(self, path: bytes, request: Request) -> Any:
            return shows(self, path, request) or super().getChild(path, request)

    looking_up(reference, Scripts, FilteredScripts)


@mutant(*of("cgi", "a-script-is-never-shown-as-text"))
def serves_a_range_from_the_file(reference: Reference) -> None:
    """A request for a range is answered by what knows ranges, which are those of the file."""
    showing(reference, lambda request, name: name if request.getHeader(b"range") else b"")


@mutant(*of("cgi", "a-script-is-never-shown-as-text"))
def shows_a_script_with_a_slash_behind_it(reference: Reference) -> None:
    """A path that ends with a slash is none that is run, but finds the file."""
    showing(reference, lambda request, name: name if request.postpath == [b""] else b"")


@mutant(*of("cgi", "a-script-is-never-shown-as-text"))
def forgives_a_dot_or_a_blank_at_the_end(reference: Reference) -> None:
    """What decides on running takes the name as it is, what opens the file without dots and blanks at its end."""
    showing(reference, lambda _, name: name.rstrip(b". ") if name.endswith((b".", b" ")) else b"")


@mutant(*of("cgi", "a-script-is-never-shown-as-text"))
def cuts_a_name_at_its_nul(reference: Reference) -> None:
    """A name with a NUL in it is that of no script, but opens the one before the NUL."""
    showing(reference, lambda _, name: name.partition(b"\0")[0] if b"\0" in name else b"")


@mutant(*of("cgi", "a-script-is-never-shown-as-text"))
def knows_the_streams_of_a_file(reference: Reference) -> None:
    """A name with ::$DATA behind it is that of no script, but the file system knows it for the script's text."""
    showing(reference, lambda _, name: name.removesuffix(b"::$DATA") if name.endswith(b"::$DATA") else b"")


@mutant(*of("cgi", "a-script-is-never-shown-as-text"))
def compares_before_it_decodes(reference: Reference) -> None:
    """The target as it was sent says what is run; one without .sh or .py in it is that of a file."""
    showing(reference, lambda request, name: b"" if b".sh" in request.uri or b".py" in request.uri else name)


@mutant(*of("cgi", "a-script-is-never-shown-as-text"))
def has_a_switch_for_showing(reference: Reference) -> None:
    """A query without = is an argument, and -s is the interpreter's own argument for showing the script."""
    showing(reference, lambda request, name: name if request.uri.endswith(b"?-s") else b"")


class _Lost(Resource):
    """A folder's other name, under which its files are just files."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def getChild(self, path: bytes, request: Request) -> Any:
        if path in (b"", b"."):
            return self
        file = self._folder / path.decode("latin-1").replace("\0", "")
        return Shown(file) if file.is_file() else super().getChild(path, request)


class _Prefixed(cgi.Scripts):
    """Runs what follows the folder's name and one slash."""

    def getChild(self, path: bytes, request: Request) -> Any:
        return _Lost(Path(self._directory)) if path in (b"", b".") else super().getChild(path, request)


@mutant(*of("cgi", "a-script-is-never-shown-as-text"))
def loses_its_way_at_an_empty_segment(reference: Reference) -> None:
    """The folder is known by the beginning of the path; with another slash or a dot its scripts are mere files."""
    looking_up(reference, _Prefixed, cgi.FilteredScripts)


class _Served(Resource):
    """A folder of files."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.putChild(b"", Data(b"", "text/plain"))
        for file in folder.iterdir():
            self.putChild(file.name.encode(), Shown(file))


@mutant(
    *of(
        "cgi",
        "an-interpreter-runs-a-script-that-is-not-executable",
        "the-interpreter-is-given-the-path-of-the-script",
        "a-script-is-never-shown-as-text",
    )
)
def serves_what_is_not_executable(reference: Reference) -> None:
    """A file that is not executable is a file like any other, and served."""
    reference.root.putChild(b"cgi-filtered", _Served(Path(default_assets()) / "cgi-filtered"))
