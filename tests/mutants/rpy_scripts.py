"""
Mutants of the directory of rpy scripts: when they are run, and what they have in common.

What is shown of them, and what becomes of broken ones, is in `rpy_scripts_sources`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from twisted.web.resource import Resource
from twisted.web.script import AlreadyCached, CacheScanner, ResourceScript, noRsrc
from twisted.web.server import NOT_DONE_YET, Request, Site
from twisted.web.static import File, Registry

from tests.mutants import Reference, mutant, of

#: What makes a resource of a script's path.
Process = Callable[[str, Registry], Any]


def processing(reference: Reference, process: Process) -> None:
    """Have scripts made resources by `process(path, registry)`."""
    reference.page(b"rpy").processors = {".rpy": process}


# When a script is run.


@mutant(
    *of(
        "rpy-scripts",
        "scripts-at-once-run-each-for-itself",
        "a-script-runs-anew-for-each-request",
        "a-digest-login-never-works-without-cache",
        "a-session-counter-never-passes-one-without-cache",
        "an-edit-is-seen-at-the-next-request",
    )
)
def keeps_every_script(reference: Reference) -> None:
    """A script is a module: it is run when it is asked for first, and kept."""
    kept: dict[str, Any] = {}

    def process(path: str, registry: Registry) -> Any:
        if path not in kept:
            kept[path] = ResourceScript(path, registry)
        return kept[path]

    processing(reference, process)


@mutant(
    *of(
        "rpy-scripts",
        "scripts-at-once-run-each-for-itself",
        "a-script-runs-anew-for-each-request",
        "a-digest-login-never-works-without-cache",
        "a-session-counter-never-passes-one-without-cache",
    )
)
def keeps_a_script_until_it_is_edited(reference: Reference) -> None:
    """A script is run again when its date has changed, and kept until then."""
    kept: dict[tuple[str, int], Any] = {}

    def process(path: str, registry: Registry) -> Any:
        key = path, Path(path).stat().st_mtime_ns
        if key not in kept:
            kept[key] = ResourceScript(path, registry)
        return kept[key]

    processing(reference, process)


@mutant(
    *of(
        "rpy-scripts",
        "a-cached-script-runs-once",
        "a-session-counter-counts-with-cache",
        "a-session-counter-never-passes-one-without-cache",
    )
)
def reloads_a_cached_script(reference: Reference) -> None:
    """A cached script keeps its first resource, but is run for each request, and its names mean what is newest."""
    names: dict[str, dict[str, Any]] = {}
    kept: dict[str, Any] = {}

    def process(path: str, registry: Registry) -> Any:
        scope = names.get(path, {"__file__": path, "registry": registry})
        scope["cache"] = lambda: names.setdefault(path, scope)
        exec(compile(Path(path).read_bytes(), path, "exec"), scope)
        resource = scope.get("resource", noRsrc)
        return kept.setdefault(path, resource) if path in names else resource

    processing(reference, process)


@mutant(
    *of(
        "rpy-scripts",
        "a-cached-script-runs-once-for-many",
        "a-cached-script-runs-once",
        "a-digest-login-works-with-cache",
        "a-session-counter-counts-with-cache",
        "a-session-counter-never-passes-one-without-cache",
    )
)
def ignores_cache(reference: Reference) -> None:
    """A script may call `cache()`, and is run for each request all the same."""
    processing(reference, lambda path, _: ResourceScript(path, Registry()))


@mutant(*of("rpy-scripts", "a-session-counter-never-passes-one-without-cache"))
def keeps_one_script_at_a_time(reference: Reference) -> None:
    """A cached script is kept until another script is run, for there is room for one."""
    latest: list[Any] = ["", Registry()]

    def process(path: str, _: Registry) -> Any:
        if latest[0] != path:
            latest[:] = path, Registry()
        return ResourceScript(path, latest[1])

    processing(reference, process)


def executing(reference: Reference, compiled: Callable[[str], CodeType]) -> None:
    """Have the code of a script found by `compiled(path)`, and executed for each request."""

    def process(path: str, registry: Registry) -> Any:
        scanner = CacheScanner(path, registry)
        names = {"__file__": path, "registry": registry, "cache": scanner.cache, "recache": scanner.recache}
        try:
            exec(compiled(path), names)
        except AlreadyCached as already:
            return already.args[0]
        resource = names.get("resource", noRsrc)
        if scanner.doCache:
            registry.cachePath(path, resource)
        return resource

    processing(reference, process)


@mutant(*of("rpy-scripts", "a-mended-script-works", "an-edit-is-seen-at-the-next-request"))
def compiles_once(reference: Reference) -> None:
    """A script is executed for each request, but read and compiled at the first alone."""
    code: dict[str, CodeType] = {}

    def compiled(path: str) -> CodeType:
        if path not in code:
            code[path] = compile(Path(path).read_bytes(), path, "exec")
        return code[path]

    executing(reference, compiled)


@mutant(*of("rpy-scripts", "a-mended-script-works", "an-edit-is-seen-at-the-next-request"))
def looks_at_the_date_now_and_then(reference: Reference) -> None:
    """Whether a script has changed is looked up again after a second at the earliest."""
    code: dict[str, CodeType] = {}
    looked: dict[str, float] = {}

    def compiled(path: str) -> CodeType:
        now = reference.reactor.seconds()
        if path not in code or now - looked[path] >= 1.0:
            code[path], looked[path] = compile(Path(path).read_bytes(), path, "exec"), now
        return code[path]

    executing(reference, compiled)


@mutant(*of("rpy-scripts", "an-edit-is-seen-at-the-next-request"))
def compares_sizes(reference: Reference) -> None:
    """A script is compiled again when its size has changed."""
    code: dict[tuple[str, int], CodeType] = {}

    def compiled(path: str) -> CodeType:
        key = path, Path(path).stat().st_size
        if key not in code:
            code[key] = compile(Path(path).read_bytes(), path, "exec")
        return code[key]

    executing(reference, compiled)


@mutant(*of("rpy-scripts", "a-digest-login-never-works-without-cache"))
def shares_the_key_of_challenges(reference: Reference) -> None:
    """All credential factories have one key, so that each knows the challenges of the others."""

    def process(path: str, registry: Registry) -> Any:
        resource = ResourceScript(path, registry)
        for factory in getattr(resource, "_credentialFactories", ()):
            factory.digest.privateKey = b"the same for all"
        return resource

    processing(reference, process)


@mutant(*of("rpy-scripts", "a-digest-login-works-with-cache"))
def renews_the_key_of_challenges(reference: Reference) -> None:
    """The key of a credential factory is made anew for each request, even where the factory is kept."""

    def process(path: str, registry: Registry) -> Any:
        resource = ResourceScript(path, registry)
        for factory in getattr(resource, "_credentialFactories", ()):
            factory.digest.privateKey = secrets.token_bytes(12)
        return resource

    processing(reference, process)


# Sessions.


def finding(reference: Reference, page: type[File]) -> None:
    """Have scripts found by a directory of this kind."""
    there = page(reference.page(b"rpy").path)
    there.processors = reference.page(b"rpy").processors
    reference.root.putChild(b"rpy", there)


class _PerVisitor(File):
    """Keeps the scripts of each visitor for as long as the visitor's session."""

    def getChild(self, path: bytes, request: Request) -> Any:
        kept = vars(request.getSession()).setdefault("scripts", {})
        if path not in kept:
            kept[path] = super().getChild(path, request)
        return kept[path]


@mutant(*of("rpy-scripts", "a-session-counter-never-passes-one-without-cache"))
def keeps_scripts_for_a_visitor(reference: Reference) -> None:
    """A script without `cache()` is run once for each visitor, and kept for the visitor's session."""
    finding(reference, _PerVisitor)


class _PerScript(File):
    """Has sessions below it, each with a cookie of its own."""

    def getChild(self, path: bytes, request: Request) -> Any:
        request.sitepath = [path]
        return super().getChild(path, request)


@mutant(*of("rpy-scripts", "a-script-shares-the-sites-sessions"))
def gives_each_script_sessions_of_its_own(reference: Reference) -> None:
    """A visitor has one session for each script, in a cookie with the script's name."""
    finding(reference, _PerScript)


class _PerRun(File):
    """Has each script run in a site of its own."""

    def getChild(self, path: bytes, request: Request) -> Any:
        alone = Site(Resource(), reactor=request.site.reactor)
        alone.sessionFactory = request.site.sessionFactory
        request.site = alone
        return super().getChild(path, request)


@mutant(
    *of(
        "rpy-scripts",
        "a-script-shares-the-sites-sessions",
        "a-session-counter-counts-with-cache",
        "a-session-counter-never-passes-one-without-cache",
    )
)
def runs_a_script_in_a_site_of_its_own(reference: Reference) -> None:
    """The site that a script sees is made for its run, and the sessions that it makes are gone with it."""
    finding(reference, _PerRun)


@mutant(*of("rpy-scripts", "a-session-counter-counts-with-cache", "a-script-shares-the-sites-sessions"))
def stores_for_all_visitors(reference: Reference) -> None:
    """What a script stores in a session is found in everybody's."""
    stored: dict[str, Any] = {}
    make = reference.site.sessionFactory

    def session(site: Site, uid: bytes) -> Any:
        made = make(site, uid)
        made._adapterCache = stored
        return made

    reference.site.sessionFactory = session


# What is below a script.


@mutant(*of("rpy-scripts", "a-script-shares-the-sites-sessions"))
def keeps_its_children_from_a_script(reference: Reference) -> None:
    """A script's resource answers for whatever follows its name, and its children never do."""

    def process(path: str, registry: Registry) -> Any:
        resource = ResourceScript(path, registry)
        resource.isLeaf = True
        return resource

    processing(reference, process)


class _Wrapped(Resource):
    """A script's resource, and nothing below it."""

    def __init__(self, resource: Any) -> None:
        super().__init__()
        self._resource = resource

    def render(self, request: Request) -> Any:
        """Let it answer."""
        return self._resource.render(request)


@mutant(
    *of(
        "rpy-scripts",
        "a-script-is-given-the-request",
        "a-script-shares-the-sites-sessions",
        "a-script-may-hold-a-wsgi-application",
    ),
    clock="real",
)
def ends_a_path_at_a_script(reference: Reference) -> None:
    """Nothing is found below a script, as nothing is below a file."""
    processing(reference, lambda path, registry: _Wrapped(ResourceScript(path, registry)))


@mutant(*of("rpy-scripts", "a-script-may-answer-later", "a-script-may-hold-a-wsgi-application"), clock="real")
def does_not_wait_for_a_script(reference: Reference) -> None:
    """A script that says that it will answer later is answered for at once, with nothing."""

    def process(path: str, registry: Registry) -> Any:
        resource = ResourceScript(path, registry)
        render = resource.render

        def impatient(request: Request) -> Any:
            answer = render(request)
            return b"" if answer is NOT_DONE_YET and not request.finished else answer

        resource.render = impatient
        return resource

    processing(reference, process)
