"""
Mutants of static dispatch: which directory a path leads to.
"""
# ruff: noqa: N802, N815, PTH113, PTH118, PTH120, PTH123 - Twisted's names, which has names on the disk as text or bytes

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.web.resource import NoResource, Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl.repairs import files
from reference_impl.static_dispatch import NAMES
from tests.mutants import Reference, mutant, of
from tests.mutants._files import Lister, Whole, directory


def top(reference: Reference) -> str:
    """The directory in which the three stand."""
    return os.path.dirname(reference.page(b"static-dispatch", b"foo").path)


def routed(reference: Reference, route: Any) -> None:
    """Have `route(name, request)` say which of the three a segment means; None where it means none."""

    class Page(Resource):
        def getChild(self, path: bytes, request: Request) -> Any:
            name = route(path.decode("latin-1"), request)
            return files.File(os.path.join(top_directory, name)) if name in NAMES else NoResource()

    top_directory = top(reference)
    reference.root.putChild(b"static-dispatch", Page())


def serving(reference: Reference, file: type[files.File]) -> None:
    """Have the three directories served by another kind of file."""
    page = reference.page(b"static-dispatch")
    for name in NAMES:
        page.putChild(name.encode(), file(os.path.join(top(reference), name)))


@mutant(
    *of(
        "static-dispatch",
        "a-name-alone-shows-its-directory",
        "a-query-decides-nothing",
        "an-escaped-segment-is-the-same-segment",
        "each-name-serves-its-own-directory",
        "nothing-of-one-is-found-below-another",
        "other-methods-are-refused",
        "pipelined-requests-reach-their-own-names",
        "requests-at-once-reach-their-own-names",
        "segments-are-looked-up-one-after-the-other",
    )
)
def ends_every_route_at_the_last_one(reference: Reference) -> None:
    """The directories are looked up when they are asked for, by the variable of a loop that is over."""
    routed(reference, lambda name, _: NAMES[-1] if name in NAMES else None)


@mutant(*of("static-dispatch", "nothing-of-one-is-found-below-another"))
def looks_in_all_directories(reference: Reference) -> None:
    """What is not found below one name is looked for below the others."""
    path = top(reference)

    class File(files.File):
        def getChild(self, path_: bytes, request: Request) -> Any:
            child = super().getChild(path_, request)
            if child is self.childNotFound and b"\0" not in path_ and b"/" not in path_:
                for name in NAMES:
                    other = os.path.join(os.fsencode(path), name.encode(), path_)
                    if os.path.isfile(other):
                        return files.File(os.fsdecode(other))
            return child

    serving(reference, File)


@mutant(*of("static-dispatch", "segments-are-looked-up-one-after-the-other"))
def looks_for_the_last_name_in_the_path(reference: Reference) -> None:
    """The last segment that is one of the names decides, wherever it stands."""

    def route(name: str, request: Request) -> str | None:
        if name not in NAMES:
            return None
        found = [at for at, segment in enumerate(request.postpath) if segment.decode("latin-1") in NAMES]
        if not found:
            return name
        name = request.postpath[found[-1]].decode("latin-1")
        del request.postpath[: found[-1] + 1]
        return name

    routed(reference, route)


@mutant(*of("static-dispatch", "a-part-of-a-name-is-not-the-name", "what-clings-to-a-name-is-part-of-it"))
def compares_how_a_segment_begins(reference: Reference) -> None:
    """A segment that begins with a name is taken for it."""
    routed(reference, lambda name, _: next((one for one in NAMES if name.startswith(one)), None))


@mutant(*of("static-dispatch", "a-part-of-a-name-is-not-the-name"))
def takes_the_beginning_of_a_name(reference: Reference) -> None:
    """Names may be cut short as long as it is clear which is meant."""

    def route(name: str, _: Request) -> str | None:
        found = [one for one in NAMES if name and one.startswith(name)]
        return found[0] if len(found) == 1 else None

    routed(reference, route)


@mutant(*of("static-dispatch", "what-is-not-there-is-not-found"))
def has_a_default(reference: Reference) -> None:
    """What has no route goes to the first directory, with its whole path."""
    path = top(reference)

    class Page(Resource):
        def getChild(self, segment: bytes, request: Request) -> Any:
            return files.File(os.path.join(path, NAMES[0])).getChild(segment, request)

    page = Page()
    for name in NAMES:
        page.putChild(name.encode(), files.File(os.path.join(path, name)))
    reference.root.putChild(b"static-dispatch", page)


@mutant(*of("static-dispatch", "a-query-decides-nothing"))
def looks_for_a_name_in_the_query(reference: Reference) -> None:
    """A query that names one of the paths decides."""

    def route(name: str, request: Request) -> str | None:
        query = request.uri.partition(b"?")[2].decode("latin-1")
        return next((one for one in NAMES if f"/{one}" in query), name)

    routed(reference, route)


@mutant(*of("static-dispatch", "an-escaped-segment-is-the-same-segment"))
def compares_segments_as_they_were_sent(reference: Reference) -> None:
    """Names are looked for before the path is decoded."""

    def route(name: str, request: Request) -> str | None:
        sent = request.uri.partition(b"?")[0].split(b"/")[len(request.prepath)]
        return name if sent == name.encode() else None

    routed(reference, route)


@mutant(*of("static-dispatch", "a-segment-is-decoded-once"))
def decodes_segments_twice(reference: Reference) -> None:
    """A segment, which is decoded by then, is decoded once more."""
    routed(reference, lambda name, _: unquote_to_bytes(name).decode("latin-1"))


@mutant(*of("static-dispatch", "case-tells-names-apart"))
def compares_without_case(reference: Reference) -> None:
    """Capitals are made small before names are compared."""
    routed(reference, lambda name, _: name.lower())


@mutant(*of("static-dispatch", "what-clings-to-a-name-is-part-of-it"))
def strips_segments(reference: Reference) -> None:
    """Blanks around a segment, and dots behind it, are taken off."""
    routed(reference, lambda name, _: name.strip().rstrip("."))


@mutant(*of("static-dispatch", "what-clings-to-a-name-is-part-of-it"))
def cuts_parameters_off(reference: Reference) -> None:
    """What follows a semicolon is no part of a segment."""
    routed(reference, lambda name, _: name.partition(";")[0])


@mutant(*of("static-dispatch", "what-clings-to-a-name-is-part-of-it"))
def does_not_expect_a_nul(reference: Reference) -> None:
    """A NUL in a segment is an error that nobody expected."""

    def route(name: str, _: Request) -> str:
        if "\0" in name:
            raise ValueError(name)
        return name

    routed(reference, route)


@mutant(*of("static-dispatch", "a-name-alone-shows-its-directory"))
def shows_one_directory_for_all(reference: Reference) -> None:
    """A name alone shows the directories' files together."""

    class File(files.File):
        def directoryListing(self) -> Any:
            return Lister(self.path, [f"only-{name}.txt" for name in NAMES])

    serving(reference, File)


@mutant(*of("static-dispatch", "a-name-alone-shows-its-directory"))
def has_no_place_without_a_slash(reference: Reference) -> None:
    """A name alone is an error, for it has no slash behind it."""

    class File(files.File):
        def redirect(self, request: Request) -> bytes:
            request.setResponseCode(500)
            return b"No such route.\n"

    serving(reference, File)


@mutant(*of("static-dispatch", "pipelined-requests-reach-their-own-names"))
def keeps_the_route_of_the_connection(reference: Reference) -> None:
    """A connection keeps the route of its first request."""

    def route(name: str, request: Request) -> str:
        channel: Any = request.channel
        if not hasattr(channel, "route"):
            channel.route = name
        return channel.route if name in NAMES else name

    routed(reference, route)


@mutant(*of("static-dispatch", "requests-at-once-reach-their-own-names"))
def keeps_the_route_of_the_moment(reference: Reference) -> None:
    """The route is kept in one place, and looked up there when the files are: whoever came last decides."""
    path = top(reference)
    latest: list[str] = []

    class Page(Resource):
        isLeaf = True

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def render(self, request: Request) -> Any:
            if self.name:
                latest[:] = [self.name]
            rest = [segment.decode("utf-8", "replace") for segment in request.postpath]

            def look() -> None:
                answer = _answer(os.path.join(path, latest[0], *rest), request)
                if answer is not None:
                    request.write(answer)
                    request.finish()

            if request.postpath and request.postpath[0] == b"below":
                reference.reactor.callLater(0.001, look)
                return NOT_DONE_YET
            return files.File(os.path.join(path, self.name)).getChildForRequest(request).render(request)

    page = reference.page(b"static-dispatch")
    for name in NAMES:
        usual = files.File(os.path.join(path, name))
        page.putChild(name.encode(), _Choosing(usual, Page(name)))


class _Choosing(Resource):
    """Gives what is below `below` to one resource, and all else to the usual one."""

    def __init__(self, usual: files.File, other: Resource) -> None:
        super().__init__()
        self.usual = usual
        self.other = other

    def getChild(self, path: bytes, request: Request) -> Any:
        if path == b"below" and request.postpath == [b"name.txt"]:
            request.postpath.insert(0, path)
            return self.other
        return self.usual.getChild(path, request)

    def render(self, request: Request) -> Any:
        return self.usual.render(request)


def _answer(path: str, request: Request) -> bytes | None:
    """What a file has."""
    if not os.path.isfile(path):
        request.setResponseCode(404)
        return b"Not here.\n"
    with open(path, "rb") as stream:
        return stream.read()


@mutant(*of("static-dispatch", "no-name-leads-outside"))
def lets_one_route_climb(reference: Reference) -> None:
    """One of the three routes opens whatever its path leads to."""
    usual = reference.site.getResourceFor
    root = os.path.join(os.path.dirname(directory(reference)), b"static-dispatch")
    prefix = b"/static-dispatch/bar/"

    def found(request: Request) -> Any:
        path = unquote_to_bytes(request.uri.partition(b"?")[0])
        if path.startswith(prefix) and b".." in path and b"\0" not in path:
            name = os.path.join(root, b"bar", path[len(prefix) :])
            if os.path.isfile(name):
                with open(name, "rb") as stream:
                    return Whole(stream.read(), "text/plain")
        return usual(request)

    reference.site.getResourceFor = found


@mutant(*of("static-dispatch", "other-methods-are-refused"))
def takes_any_method(reference: Reference) -> None:
    """Whatever the method is, a route answers with its file."""

    class File(files.File):
        def render(self, request: Request) -> Any:
            return self.render_GET(request)

    serving(reference, File)
