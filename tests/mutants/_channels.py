"""
What a mutant of the page `http` breaks: the connection, the request, the answer's head.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_impl.repairs import answers, framing
from tests.mutants import Reference

#: The end of a header.
BLANK = b"\r\n\r\n"


class Channel(answers.Channel):
    """The reference's connection, with names for what it is doing."""

    @property
    def request(self) -> Any:
        """The request that is being read or answered."""
        return self.requests[-1]

    @property
    def works(self) -> bool:
        """Whether a request is being answered: what comes now waits."""
        return bool(self._handlingRequest)

    def wait_for_more(self) -> None:
        """Read on behind a header that announces nothing, until something comes."""
        from twisted.web.http import _IdentityTransferDecoder  # noqa: PLC0415 - it is Twisted's own

        self.length = None
        self._transferDecoder = _IdentityTransferDecoder(0, self.request.handleContentChunk, self._finishRequestBody)


class Request(framing.Request):
    """The reference's request."""


def connects(reference: Reference, channel: type[Channel]) -> None:
    """Put a connection in place of the right one."""
    reference.site.protocol = channel


def asks(reference: Reference, request: type[Request]) -> None:
    """Put a request in place of the right one."""
    reference.site.requestFactory = request


def heads(reference: Reference, change: Callable[[Channel, bytes, Any], object]) -> None:
    """Let `change(channel, status, fields)` spoil the head of every answer."""

    class Spoiled(Channel):
        def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
            change(self, code, headers)
            super().writeHeaders(version, code, reason, headers)

    connects(reference, Spoiled)


def tails(reference: Reference, status: bytes, method: bytes, tail: bytes, path: bytes = b"") -> None:
    """Write something behind the heads of these answers."""

    class Spoiled(Channel):
        def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
            super().writeHeaders(version, code, reason, headers)
            if code == status and self.request.method == method and self.request.path.startswith(path):
                self.transport.write(tail)

    connects(reference, Spoiled)
