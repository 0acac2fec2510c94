"""
Mutants of the directory of rpy scripts: what a script is given, what is kept of it, and what is shown of its file.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.web.resource import Resource
from twisted.web.script import ResourceScript, noRsrc
from twisted.web.server import NOT_DONE_YET, Request
from twisted.web.static import Data, File, Registry
from twisted.web.util import DeferredResource

from tests.mutants import Reference, mutant, of
from tests.mutants.rpy_scripts import finding, processing
from tests.mutants.rpy_scripts_sources import rescuing, showing

# When a script is run.


def later(reference: Reference, page: type[File]) -> None:
    """Have scripts found a moment later: by `found(path, request)`, unless `at_once(path)` has them."""

    class Later(page):  # type: ignore[misc, valid-type]
        def getChild(self, path: bytes, request: Request) -> Any:
            return self.at_once(path) or DeferredResource(deferLater(reference.reactor, 0.0, self.found, path, request))

    finding(reference, Later)


@mutant(*of("rpy-scripts", "scripts-at-once-run-each-for-itself"))
def runs_once_for_all_who_wait(reference: Reference) -> None:
    """Requests for a script that come while it waits to be run are given the same resource."""
    running: dict[bytes, Any] = {}

    class Joining(File):
        def at_once(self, path: bytes) -> Any:
            if path in running:
                running[path].append(Deferred())
                return DeferredResource(running[path][-1])
            running[path] = []
            return None

        def found(self, path: bytes, request: Request) -> Any:
            waiting = running.pop(path)
            found = super().getChild(path, request)
            for one in waiting:
                one.callback(found)
            return found

    later(reference, Joining)


@mutant(*of("rpy-scripts", "a-cached-script-runs-once-for-many"))
def keeps_a_script_once_it_was_run(reference: Reference) -> None:
    """What a cached script made is looked for when a request comes, and not again when its turn has come."""
    kept: dict[bytes, Any] = {}

    class Kept(File):
        def at_once(self, path: bytes) -> Any:
            return kept.get(path)

        def found(self, path: bytes, request: Request) -> Any:
            self.registry = Registry()
            found = super().getChild(path, request)
            if b"\0" not in path and self.registry.getCachedPath(self.preauthChild(path.decode("latin-1")).path):
                kept[path] = found
            return found

    later(reference, Kept)


@mutant(*of("rpy-scripts", "a-script-begins-with-nothing"))
def runs_a_script_as_a_module(reference: Reference) -> None:
    """A script is a module that is reloaded for each request, so that its names stay."""
    modules: dict[str, ModuleType] = {}

    def process(path: str, registry: Registry) -> Any:
        text = Path(path).read_bytes()
        if b"cache()" in text:
            return ResourceScript(path, registry)
        names = vars(modules.setdefault(path, ModuleType("script")))
        names.update(__file__=path, resource=noRsrc)
        exec(compile(text, path, "exec"), names)
        return names["resource"]

    processing(reference, process)


# What a script is given.


@mutant(*of("rpy-scripts", "a-script-is-given-the-request"))
def gives_a_script_no_body(reference: Reference) -> None:
    """The body of a request is read for its fields, and nothing of it is left for the script."""

    class Reading(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            request.content.read()
            return super().getChild(path, request)

    finding(reference, Reading)


@mutant(*of("rpy-scripts", "a-script-is-given-the-request"))
def gives_a_script_one_of_each(reference: Reference) -> None:
    """Of an argument that is given twice a script sees the last."""

    class Last(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            request.args = {name: values[-1:] for name, values in request.args.items()}
            return super().getChild(path, request)

    finding(reference, Last)


@mutant(*of("rpy-scripts", "head-of-a-script-has-no-body"))
def writes_a_scripts_page_to_head(reference: Reference) -> None:
    """What a script answers is written whatever the method."""

    class _Loud(Resource):
        isLeaf = True  # noqa: N815 - Twisted's name

        def __init__(self, resource: Any) -> None:
            super().__init__()
            self._resource = resource

        def render(self, request: Request) -> Any:
            request.method = b"GET"
            request.notifyFinish().addBoth(lambda _, channel=request.channel: channel.write(b"\n"))
            body = self._resource.render(request)
            request.method = b"HEAD"
            request.write(body)
            request.finish()
            return NOT_DONE_YET

    class Loud(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            found = super().getChild(path, request)
            return _Loud(found) if request.method == b"HEAD" and path == b"run.rpy" else found

    finding(reference, Loud)


# Scripts that come and go.


@mutant(*of("rpy-scripts", "a-new-script-is-found"))
def remembers_what_is_missing(reference: Reference) -> None:
    """That a script is not there is remembered for ten seconds."""
    missing: dict[bytes, float] = {}

    class Remembering(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            now = reference.reactor.seconds()
            if missing.get(path, -1.0) > now:
                return self.childNotFound
            found = super().getChild(path, request)
            if found is self.childNotFound:
                missing[path] = now + 10.0
            return found

    finding(reference, Remembering)


@mutant(*of("rpy-scripts", "a-new-script-is-found", "a-removed-script-is-gone"))
def reads_the_directory_now_and_then(reference: Reference) -> None:
    """Whether a script is there is looked up once a second, and what it says is run from memory."""
    known: dict[bytes, tuple[float, bool]] = {}

    class Listing(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            now = reference.reactor.seconds()
            since, there = known.get(path, (-1.0, False))
            if now - since >= 1.0 or since < 0:
                there = self.child(path.decode("latin-1")).exists() if b"\0" not in path else False
                known[path] = (now, there)
            if not there:
                return self.childNotFound
            found = super().getChild(path, request)
            return Data(b"here", "text/plain") if found is self.childNotFound else found

    finding(reference, Listing)


@mutant(*of("rpy-scripts", "a-new-script-is-found", "a-removed-script-is-gone"))
def runs_what_is_gone(reference: Reference) -> None:
    """What a script was is kept in case it cannot be read, and run then."""
    texts: dict[bytes, bytes] = {}

    class Saving(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            found = super().getChild(path, request)
            if found is not self.childNotFound:
                texts[path] = b""
            return Data(texts[path], "text/plain") if found is self.childNotFound and path in texts else found

    finding(reference, Saving)


@mutant(*of("rpy-scripts", "a-mended-script-works"))
def gives_a_broken_script_up(reference: Reference) -> None:
    """A script that is no Python is not tried again."""
    broken: dict[str, Exception] = {}

    def rescued(path: str, wrong: Exception) -> Any:
        if isinstance(wrong, SyntaxError):
            broken[path] = wrong
        raise wrong

    rescuing(reference, rescued)
    process = reference.page(b"rpy").processors[".rpy"]

    def careful(path: str, registry: Registry) -> Any:
        if path in broken:
            raise broken[path]
        return process(path, registry)

    processing(reference, careful)


@mutant(*of("rpy-scripts", "a-failing-resource-is-a-server-error"))
def excuses_a_resource_that_fails(reference: Reference) -> None:
    """What a script's resource raises is answered with an apology, and 200."""

    def process(path: str, registry: Registry) -> Any:
        resource = ResourceScript(path, registry)
        render = resource.render

        def excused(request: Request) -> Any:
            try:
                return render(request)
            except RuntimeError:
                return b"Sorry."

        resource.render = excused
        return resource

    processing(reference, process)


# What is shown.


@mutant(*of("rpy-scripts", "a-part-of-a-script-is-never-shown"))
def gives_parts_of_scripts(reference: Reference) -> None:
    """A range is one of a file, and cut out of it before anybody looks at its ending."""

    class Parts(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            if request.getHeader(b"range"):
                file = Path(self.path, path.decode("latin-1"))
                if file.is_file():
                    part = File(str(file))
                    part.processors = {}
                    return part
            return super().getChild(path, request)

    finding(reference, Parts)


@mutant(*of("rpy-scripts", "a-part-of-a-script-is-never-shown"))
def shows_a_script_for_editing(reference: Reference) -> None:
    """Translate: f asks for what is behind a page, as editors over WebDAV do, and everybody may."""
    showing(reference, lambda request, name: name if request.getHeader(b"translate") == b"f" else b"")


@mutant(*of("rpy-scripts", "a-part-of-a-script-is-never-shown"))
def tells_that_a_script_is_unchanged(reference: Reference) -> None:
    """Whether a script's page has changed is answered by the date of its file."""

    class _Unchanged(Resource):
        isLeaf = True  # noqa: N815 - Twisted's name

        def render(self, request: Request) -> Any:
            request.setResponseCode(304)
            return b""

    class Dated(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            return _Unchanged() if request.getHeader(b"if-modified-since") else super().getChild(path, request)

    finding(reference, Dated)


@mutant(*of("rpy-scripts", "no-method-shows-a-script"))
def shows_a_script_to_other_methods(reference: Reference) -> None:
    """Scripts are run for the methods of HTTP/1.1, and files are served to all others."""
    usual = (b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"TRACE", b"DELETE")

    class _Any(Data):
        isLeaf = True  # noqa: N815 - Twisted's name

        def render(self, request: Request) -> Any:
            return self.data

    class Methods(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            file = Path(self.path, path.decode("latin-1").replace("\0", ""))
            if request.method not in usual and file.is_file():
                return _Any(file.read_bytes(), "text/plain")
            return super().getChild(path, request)

    finding(reference, Methods)


@mutant(*of("rpy-scripts", "no-method-shows-a-script"))
def stores_what_is_put(reference: Reference) -> None:
    """What is put in the place of a script is the script from now on."""

    class Storing(File):
        def getChild(self, path: bytes, request: Request) -> Any:
            if request.method == b"PUT":
                self.putChild(path, Data(request.content.read(), "text/plain"))
                return Data(b"Stored.", "text/plain")
            return super().getChild(path, request)

    finding(reference, Storing)


@mutant(*of("rpy-scripts", "a-script-below-is-never-shown"))
def runs_scripts_in_one_directory(reference: Reference) -> None:
    """What is below the directory is served as it is."""

    class Flat(File):
        def createSimilarFile(self, path: str) -> Any:
            found = super().createSimilarFile(path)
            if Path(path).is_dir() and Path(path).resolve() != Path(self.path).resolve():
                found.processors = {}
            return found

    finding(reference, Flat)


@mutant(*of("rpy-scripts", "a-broken-script-shows-no-source"))
def shows_tracebacks(reference: Reference) -> None:
    """Whoever asks for a script that fails is shown where, for somebody was still developing."""
    reference.site.displayTracebacks = True


@mutant(*of("rpy-scripts", "a-broken-script-shows-no-source"))
def tells_where_a_script_is(reference: Reference) -> None:
    """The page for a script that fails names its file."""

    class _Failed(Data):
        isLeaf = True  # noqa: N815 - Twisted's name

        def render(self, request: Request) -> Any:
            request.setResponseCode(500)
            return super().render_GET(request)

    rescuing(reference, lambda path, _: _Failed(b"There is something wrong with %s." % (path.encode(),), "text/plain"))
