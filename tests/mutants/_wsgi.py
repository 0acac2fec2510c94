"""
A right WSGI gateway in steps, so that a mutant may break one of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from twisted.python.failure import Failure
from twisted.web.server import NOT_DONE_YET, Request
from twisted.web.wsgi import WSGIResource, _WSGIResponse

from reference_impl import wsgi
from reference_impl.repairs.wsgi import Call
from reference_impl.settings import default_assets
from reference_impl.wsgi import Environ
from tests.mutants import Reference

Headers = list[tuple[str, str]]


class Answer(_WSGIResponse):
    """Twisted's answer with the repairs built in; all but its making, `fail` and `finish` is in the call's thread."""

    #: What watches over a call.
    watch: type[Call] = Call

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        for name in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
            self.environ.pop(name, None)

    def run(self) -> None:
        """Call the application, send what it gives, close it."""
        call = self.watch(self.environ, self.startResponse)
        try:
            blocks = self.application(self.environ, call.start_response)
            try:
                self.send(blocks, call)
            finally:
                self.close(blocks)
        except BaseException:  # noqa: BLE001 - whatever an application raises
            failure = Failure()
            self.report(failure)
            self.reactor.callFromThread(self.fail, failure, self.started)
        else:
            self.reactor.callFromThread(self.finish, self.started)

    def send(self, blocks: Iterable[bytes], call: Any) -> None:
        """Send each block as it is made."""
        for block in blocks:
            if data := call.checked(block):
                self.write(data)
            if self._requestFinished:
                return
        call.end()

    def report(self, failure: Failure) -> None:
        """Log an exception."""
        self._log.failure("WSGI application error", failure=failure)

    def close(self, blocks: Any) -> None:
        """Close what the application returned."""
        if hasattr(blocks, "close"):
            blocks.close()

    def fail(self, _failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
        """End the answer so that nobody takes it for a good one."""
        if started:
            self.request.loseConnection()
        else:
            self.request.setResponseCode(500)
            self.request.finish()

    def finish(self, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
        """End the answer."""
        if not self._requestFinished:
            if not started:
                self._sendResponseHeaders()
            self.request.finish()


class Container(WSGIResource):
    """Answers by the suite's application, through answers of this kind."""

    def __init__(self, reference: Reference, answer: type[Answer]) -> None:
        right = reference.page(b"wsgi")
        assets = reference.settings.assets or default_assets()
        application = wsgi.load(os.path.join(assets, "application.py"))  # noqa: PTH118 - as the reference has it
        super().__init__(right._reactor, right._threadpool, application)
        self.answer = answer

    def render(self, request: Request) -> int:
        """Begin to answer."""
        self.answer(self._reactor, self._threadpool, self._application, request).start()
        return NOT_DONE_YET


def put(reference: Reference, answer: type[Answer]) -> None:
    """Put a container in place that answers so."""
    reference.root.putChild(b"wsgi", Container(reference, answer))


def telling(reference: Reference, tell: Callable[[Environ, Request], None]) -> None:
    """Put a container in place that changes so what it tells the application of a request."""

    class Telling(Answer):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            tell(self.environ, self.request)

    put(reference, Telling)


def reading(reference: Reference, stream: type[BytesIO]) -> None:
    """Put a container in place that gives the application such a stream to read the body from."""
    telling(reference, lambda environ, request: environ.__setitem__("wsgi.input", stream(request.content.read())))


def watching(reference: Reference, call: type[Call]) -> None:
    """Put a container in place that watches so over its calls."""

    class Watching(Answer):
        watch = call

    put(reference, Watching)


def answering(reference: Reference, change: Callable[[str, Headers], tuple[str, Headers]]) -> None:
    """Put a container in place that changes so the status and the headers that the application gives."""

    class Changed(Call):
        def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            return super().start_response(*change(status, headers), exc_info)

    watching(reference, Changed)
