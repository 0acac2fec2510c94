"""
Mutants of the directory of rpy scripts: sources that are shown, scripts that are broken, and an application.
"""
# ruff: noqa: N815 - Twisted's names

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.web.resource import Resource
from twisted.web.script import ResourceScript, noRsrc
from twisted.web.server import Request
from twisted.web.static import Data, File, Registry
from twisted.web.wsgi import WSGIResource

from reference_impl import wsgi
from tests.mutants import Reference, mutant, of
from tests.mutants.rpy_scripts import finding, processing

# What is never shown.


class _Shown(Data):
    """A script as it stands, whatever follows its name."""

    isLeaf = True


def showing(reference: Reference, shown: Callable[[Request, bytes], bytes]) -> None:
    """Have those scripts shown, instead of run, whose names `shown(request, segment)` gives."""

    class Page(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            file = Path(self.path, shown(request, path).decode("latin-1"))
            return _Shown(file.read_bytes(), "text/plain") if file.is_file() else super().getChild(path, request)

    finding(reference, Page)


NEVER_SHOWN = of("rpy-scripts", "a-script-is-never-shown")


@mutant(*NEVER_SHOWN)
def knows_capitals_for_the_same_file(reference: Reference) -> None:
    """The ending .RPY is none of a script, but the file system takes capitals for small letters."""
    showing(reference, lambda _, name: name.lower() if name.endswith(b".RPY") else b"")


@mutant(*NEVER_SHOWN)
def forgives_a_dot_or_a_blank_at_the_end(reference: Reference) -> None:
    """The ending of a script is looked for in the name as it is; the file is opened without dots and blanks behind."""
    showing(reference, lambda _, name: name.rstrip(b". ") if name.endswith((b".", b" ")) else b"")


@mutant(*NEVER_SHOWN, *of("rpy-scripts", "a-script-is-given-the-request"))
def looks_for_the_ending_in_the_target(reference: Reference) -> None:
    """The target as it was sent says what is a script; a query or an escaped letter hides the ending."""
    showing(reference, lambda request, name: b"" if re.search(rb"\.rpy(/|$)", request.uri) else name)


@mutant(*NEVER_SHOWN)
def takes_a_slash_for_the_end_of_a_script(reference: Reference) -> None:
    """A name with nothing but a slash behind it is that of no script, but finds the file."""
    showing(reference, lambda request, name: name if request.postpath == [b""] else b"")


@mutant(*NEVER_SHOWN)
def shows_the_source_on_demand(reference: Reference) -> None:
    """The query ?source, for developers, shows a script to everybody."""
    showing(reference, lambda request, name: name if request.uri.endswith(b"?source") else b"")


# Broken scripts.


BROKEN = of("rpy-scripts", "a-broken-script-is-a-server-error")


def rescuing(reference: Reference, rescued: Callable[[str, Exception], Any]) -> None:
    """Have `rescued(path, what went wrong)` answer for a script that fails."""

    def process(path: str, registry: Registry) -> Any:
        try:
            return ResourceScript(path, registry)
        except Exception as wrong:  # noqa: BLE001 - scripts raise what they like
            return rescued(path, wrong)

    processing(reference, process)


@mutant(*BROKEN, *of("rpy-scripts", "a-broken-script-shows-no-source", "a-mended-script-works"))
def reports_a_failure_as_a_page(reference: Reference) -> None:
    """A script that fails is answered with a page that says what went wrong, and 200."""
    rescuing(reference, lambda _, wrong: Data(repr(wrong).encode(), "text/plain"))


@mutant(*BROKEN, *of("rpy-scripts", "a-broken-script-shows-no-source", "a-mended-script-works"))
def shows_what_is_no_python(reference: Reference) -> None:
    """A script that cannot be compiled is a file like any other."""

    def rescued(path: str, wrong: Exception) -> Any:
        if isinstance(wrong, SyntaxError):
            return Data(Path(path).read_bytes(), "text/plain")
        raise wrong

    rescuing(reference, rescued)


@mutant(*BROKEN)
def takes_a_failing_script_for_none(reference: Reference) -> None:
    """A script that fails is not found."""
    rescuing(reference, lambda *_: File.childNotFound)


@mutant(*BROKEN)
def finds_no_resource_in_a_script(reference: Reference) -> None:
    """A script that names no resource is not found."""

    def process(path: str, registry: Registry) -> Any:
        resource = ResourceScript(path, registry)
        return File.childNotFound if resource is noRsrc else resource

    processing(reference, process)


@mutant(*BROKEN)
def explains_what_a_script_forgot(reference: Reference) -> None:
    """A script that names no resource is answered with a page that explains how to, and 200."""

    def process(path: str, registry: Registry) -> Any:
        resource = ResourceScript(path, registry)
        return Data(b"You forgot to assign to the variable resource.", "text/plain") if resource is noRsrc else resource

    processing(reference, process)


@mutant(*BROKEN, *of("rpy-scripts", "a-mended-script-works"))
def stays_locked_after_a_failure(reference: Reference) -> None:
    """Scripts are run one at a time, and one that fails is running for ever."""
    running: list[str] = []

    def process(path: str, registry: Registry) -> Any:
        if running:
            message = f"{running[0]} is running"
            raise RuntimeError(message)
        running.append(path)
        resource = ResourceScript(path, registry)
        running.clear()
        return resource

    processing(reference, process)


# The application of the command line.


COMMAND = {"rpy-scripts": {"wsgi": "/hello"}}


def serving(reference: Reference, application: wsgi.Application) -> None:
    """Have the command line's application be this one."""
    pool = reference.reactor.getThreadPool()
    reference.root.putChild(b"hello", WSGIResource(reference.reactor, pool, application))


@mutant(*of("rpy-scripts", "the-command-line-serves-a-wsgi-application"), claims=COMMAND)
def prints_blocks_of_bytes(reference: Reference) -> None:
    """What the application gives is made text by str(), which says that they are bytes."""
    serving(reference, lambda *given: [str(block).encode() for block in wsgi.hello(*given)])


@mutant(*of("rpy-scripts", "the-command-line-serves-a-wsgi-application"), claims=COMMAND)
def knows_the_type_of_an_application_better(reference: Reference) -> None:
    """Whatever the application says of its type, the answer is text/html."""

    def application(environ: Any, start_response: Any) -> Any:
        return wsgi.hello(environ, lambda status, _: start_response(status, [("Content-Type", "text/html")]))

    serving(reference, application)


@mutant(*of("rpy-scripts", "the-command-line-serves-a-wsgi-application"), claims=COMMAND)
def takes_an_application_for_a_resource(reference: Reference) -> None:
    """The application is not wrapped, but asked as a resource is."""

    class _Asked(Resource):
        isLeaf = True

        def render(self, request: Request) -> Any:
            return wsgi.hello(request)  # type: ignore[call-arg]

    reference.root.putChild(b"hello", _Asked())


# What is made of a script.


@mutant(
    *of(
        "rpy-scripts",
        "scripts-at-once-run-each-for-itself",
        "no-method-shows-a-script",
        "head-of-a-script-has-no-body",
        "a-new-script-is-found",
        "a-mended-script-works",
        "a-failing-resource-is-a-server-error",
        "a-cached-script-runs-once-for-many",
        "a-broken-script-is-a-server-error",
        "a-cached-script-runs-once",
        "a-digest-login-works-with-cache",
        "a-script-runs-anew-for-each-request",
        "a-script-shares-the-sites-sessions",
        "a-session-counter-counts-with-cache",
        "a-session-counter-never-passes-one-without-cache",
    )
)
def says_that_a_resource_was_created(reference: Reference) -> None:
    """What a script makes of a request was not there before, and is answered with 201 Created."""

    class Creating(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            request.setResponseCode(201)
            return super().getChild(path, request)

    finding(reference, Creating)
