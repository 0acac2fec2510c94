"""
Mutants of the CGI page: which scripts there are, and when they are run.

Those that are shown are in `cgi_sources`, what they are told in `cgi_request`, what becomes of what they say in
`cgi_output`, and what the system sees in `cgi_processes`.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.internet.protocol import ProcessProtocol
from twisted.web.server import Request
from twisted.web.static import Data

from reference_impl import cgi
from reference_impl.repairs import cgi as repaired
from reference_impl.settings import default_assets
from tests.mutants import Reference, mutant, of

Spawn = Callable[..., Any]


@define
class Spawner:
    """The reactor as scripts see it: something that starts them, by `spawn`."""

    spawn: Spawn

    def spawnProcess(self, protocol: Any, *arguments: Any) -> Any:
        """See Twisted's `IReactorProcess`."""
        return self.spawn(protocol, *arguments)


def spawning(reference: Reference, spawn: Spawn) -> None:
    """Have scripts started by `spawn(protocol, executable, command, variables, directory)`."""
    for page in (b"cgi-bin", b"cgi-filtered"):
        reference.page(page)._reactor = Spawner(spawn)


def reading(reference: Reference, output: Callable[[Request], ProcessProtocol]) -> None:
    """Have what scripts print read by such an `output`."""

    def spawn(protocol: repaired.Output, *arguments: Any) -> None:
        reference.reactor.spawnProcess(output(protocol.request), *arguments)

    spawning(reference, spawn)


def replay(request: Request, said: bytes) -> None:
    """Answer a request with what a script has said before."""
    repaired.Output(request).outReceived(said)
    request.finish()


class Remembering(repaired.Output):
    """Keeps a copy of what the script says, for `over(self)` when that is all."""

    def __init__(self, request: Request, over: Callable[[Remembering], None]) -> None:
        super().__init__(request)
        self.said: list[bytes] = []
        self._over = over

    def outReceived(self, output: bytes) -> None:
        """See Twisted's `ProcessProtocol`."""
        self.said.append(output)
        super().outReceived(output)

    def processEnded(self, reason: Any) -> None:
        """See Twisted's `ProcessProtocol`."""
        super().processEnded(reason)
        self._over(self)


@mutant("cgi/protocol-is-the-version-of-the-request", *of("cgi", "every-request-runs-the-script-anew"))
def answers_a_get_from_memory(reference: Reference) -> None:
    """What a script says to a GET is kept, and given to whoever asks for the same again."""
    kept: dict[bytes, bytes] = {}

    def spawn(protocol: repaired.Output, executable: str, command: Any, variables: Any, directory: str) -> None:
        request, target = protocol.request, variables[b"REQUEST_URI"]
        if request.method == b"GET" and target in kept:
            replay(request, kept[target])
            return

        def keep(reader: Remembering) -> None:
            if request.method == b"GET":
                kept[target] = b"".join(reader.said)

        reference.reactor.spawnProcess(Remembering(request, keep), executable, command, variables, directory)

    spawning(reference, spawn)


@mutant(*of("cgi", "every-request-runs-the-script-anew"))
def runs_once_for_requests_at_once(reference: Reference) -> None:
    """Who asks for what a script is just being run for is given that run's answer."""
    waiting: dict[bytes, list[Request]] = {}

    def spawn(protocol: repaired.Output, executable: str, command: Any, variables: Any, directory: str) -> None:
        request, target = protocol.request, variables[b"REQUEST_URI"]
        if request.method == b"GET" and target in waiting:
            waiting[target].append(request)
            return

        def share(reader: Remembering) -> None:
            for other in waiting.pop(target, ()):
                replay(other, b"".join(reader.said))

        if request.method == b"GET":
            waiting[target] = []
        reference.reactor.spawnProcess(Remembering(request, share), executable, command, variables, directory)

    spawning(reference, spawn)


@define
class Queues:
    """Starts a script when no other with the same key runs."""

    reactor: Any
    key: Callable[[str], str]
    waiting: dict[str, list[tuple[Any, ...]]] = field(factory=dict)

    def __call__(self, protocol: repaired.Output, *arguments: Any) -> None:
        """Start it, now or later."""
        key = self.key(arguments[1][-1])
        queue = self.waiting.setdefault(key, [])
        queue.append((Remembering(protocol.request, lambda _: self._next(queue)), *arguments))
        if len(queue) == 1:
            self.reactor.spawnProcess(*queue[0])

    def _next(self, queue: list[tuple[Any, ...]]) -> None:
        queue.pop(0)
        if queue:
            self.reactor.spawnProcess(*queue[0])


@mutant(*of("cgi", "a-slow-script-blocks-nobody", "output-leaves-as-it-is-made"))
def runs_one_script_at_a_time(reference: Reference) -> None:
    """A script has to wait until the one before it has ended."""
    spawning(reference, Queues(reference.reactor, lambda _: "all of them"))


@mutant(*of("cgi", "a-slow-script-blocks-nobody"))
def runs_each_script_for_one_at_a_time(reference: Reference) -> None:
    """Two requests for the same script queue, as if the script could not be run twice at a time."""
    spawning(reference, Queues(reference.reactor, lambda script: script))


@mutant(
    "cgi/missing-bytes-of-an-announced-length-show",
    *of("cgi", "a-slow-script-blocks-nobody", "output-leaves-as-it-is-made", "unread-output-is-not-hoarded"),
)
def waits_for_the_script_where_all_requests_pass(reference: Reference) -> None:
    """A script is run by a call that returns when it has ended; nothing else is done until then."""

    def spawn(protocol: repaired.Output, executable: str, command: Any, variables: Any, directory: str) -> None:
        request = protocol.request
        body = request.content.read() if request.content else b""
        try:
            done = subprocess.run(
                command,
                executable=executable,
                input=body,
                env=variables,
                cwd=directory,
                capture_output=True,
                check=False,
            )
        except OSError:
            done = subprocess.CompletedProcess(command, 1, b"", b"")
        reader = repaired.Output(request)
        reader.outReceived(done.stdout)
        if reader.handling_headers:
            request.setResponseCode(500)
        request.finish()

    spawning(reference, spawn)


def looking_up(reference: Reference, pages: type[cgi.Scripts], filtered: type[cgi.FilteredScripts]) -> None:
    """Have scripts looked up by these resources."""
    assets = Path(default_assets())
    root, reactor = reference.root, reference.reactor
    root.putChild(b"cgi-bin", pages(str(assets / "cgi-bin"), repaired.Script, reactor))
    root.putChild(b"cgi-filtered", filtered(str(assets / "cgi-filtered"), repaired.FilteredScript, reactor))


class _Unchecked(cgi.Scripts):
    """Takes any name for that of a script."""

    def getChild(self, path: bytes, request: Request) -> Any:
        return self._script(str(Path(self._directory, path.decode("latin-1"))))


@mutant(*of("cgi", "a-missing-script-is-not-found"))
def runs_what_is_not_there(reference: Reference) -> None:
    """Nobody looks whether there is such a script before it is run, and so it fails as a broken one does."""
    looking_up(reference, _Unchecked, cgi.FilteredScripts)


class _Apologetic(cgi.Scripts):
    """Has a page for whoever asks for what is not there."""

    def getChild(self, path: bytes, request: Request) -> Any:
        found = super().getChild(path, request)
        return found if isinstance(found, repaired.Script) else Data(b"Sorry, there is nothing here.", "text/plain")


@mutant(*of("cgi", "a-missing-script-is-not-found"))
def apologizes_with_200(reference: Reference) -> None:
    """A script that is not there is answered with a friendly page, and 200."""
    looking_up(reference, _Apologetic, cgi.FilteredScripts)


def interpreting(reference: Reference, command: Callable[[str, str], list[str]]) -> None:
    """Have filtered scripts run by the command that `command(interpreter, path)` gives."""

    class FilteredScript(repaired.FilteredScript):
        def command(self) -> list[str]:
            return command(self.filter, self.filename)

    reference.page(b"cgi-filtered")._make = FilteredScript


@mutant(
    *of(
        "cgi",
        "an-interpreter-runs-a-script-that-is-not-executable",
        "the-interpreter-is-given-the-path-of-the-script",
    )
)
def needs_scripts_to_be_executable(reference: Reference) -> None:
    """A script is always executed itself, whatever interpreter is named for it."""
    interpreting(reference, lambda _, path: [path])


@mutant(*of("cgi", "the-interpreter-is-given-the-path-of-the-script"))
def gives_the_interpreter_the_text(reference: Reference) -> None:
    """An interpreter is given what the script says, not where it stands."""
    interpreting(reference, lambda interpreter, path: [interpreter, "-c", Path(path).read_text("utf-8")])


@mutant(*of("cgi", "the-interpreter-is-given-the-path-of-the-script"))
def knows_one_interpreter(reference: Reference) -> None:
    """One interpreter, the shell, is run for scripts of all kinds."""
    interpreting(reference, lambda _, path: ["/bin/sh", path])
