"""
Mutants of HTTP: what is too long, and whom that harms.
"""
# ruff: noqa: N802, N815 - Twisted's names

from __future__ import annotations

from twisted.web.http import HTTPChannel, _ChunkedTransferDecoder

from reference_impl.repairs.answers import refusal
from tests.mutants import Reference, mutant, of
from tests.mutants._channels import Channel, Request, asks, connects
from tests.mutants.http_order import decodes

#: As good as none.
NO_LIMIT = 2**40


@mutant(*of("http", "request-lines-of-8000-bytes-are-served"))
def reads_lines_of_4_kb(reference: Reference) -> None:
    """A line has to find room in a buffer of 4,096 bytes."""

    class Short(Channel):
        MAX_LENGTH = 4096

    connects(reference, Short)


@mutant(
    *of(
        "http",
        "endless-request-lines-are-cut-off",
        "long-fields-are-answered-4xx",
        "long-fields-do-no-harm",
        "long-methods-are-refused",
        "long-targets-are-answered-414",
        "long-targets-do-no-harm",
    )
)
def takes_long_lines_for_its_own_mistake(reference: Reference) -> None:
    """A line that is too long is an exception that nobody expects: 500."""

    class Surprised(Channel):
        def lineLengthExceeded(self, line: bytes) -> None:
            self.transport.write(refusal(b"500 Internal Server Error"))
            self.loseConnection()

    connects(reference, Surprised)


@mutant(*of("http", "long-targets-are-answered-414", "long-fields-are-answered-4xx"))
def closes_on_long_lines_without_a_word(reference: Reference) -> None:
    """The limit is that of a reader of lines, which knows nothing of HTTP, as in Twisted."""

    class Silent(Channel):
        def lineLengthExceeded(self, line: bytes) -> None:
            HTTPChannel.lineLengthExceeded(self, line)

    connects(reference, Silent)


@mutant(*of("http", "long-targets-are-answered-414"))
def says_that_the_fields_are_too_large(reference: Reference) -> None:
    """Whatever is too long is answered 431, the target too."""

    class General(Channel):
        def lineLengthExceeded(self, line: bytes) -> None:
            self.transport.write(refusal(b"431 Request Header Fields Too Large"))
            self.loseConnection()

    connects(reference, General)


@mutant(*of("http", "long-fields-are-answered-4xx"))
def says_that_fields_are_too_large_by_503(reference: Reference) -> None:
    """Too many fields are answered as if the server had too much to do, by closing the connection."""

    class Busy(Channel):
        def headerReceived(self, line: bytes) -> bool:
            if self._receivedHeaderCount > 400:
                self.loseConnection()
                return False
            return super().headerReceived(line)

    connects(reference, Busy)


@mutant(*of("http", "long-methods-are-refused"))
def cuts_long_methods(reference: Reference) -> None:
    """A method has room for 255 bytes, and one that is longer fails in the middle of the server."""

    class Narrow(Request):
        def process(self) -> None:
            if len(self.method) > 255:
                self.setResponseCode(500)
                self.setHeader(b"content-length", b"0")
                self.finish()
                return
            super().process()

    asks(reference, Narrow)


@mutant(*of("http", "endless-fields-are-cut-off", "long-fields-are-answered-4xx", "long-fields-do-no-harm"))
def fails_on_too_many_fields(reference: Reference) -> None:
    """More fields than there is room for are an exception that nobody expects: 500."""

    class Surprised(Channel):
        def headerReceived(self, line: bytes) -> bool:
            if self._receivedHeaderCount >= self.maxHeaders:
                self.transport.write(refusal(b"500 Internal Server Error"))
                self.loseConnection()
                return False
            return super().headerReceived(line)

    connects(reference, Surprised)


@mutant(*of("http", "endless-request-lines-are-cut-off", "long-targets-are-answered-414"))
def waits_for_the_end_of_any_line(reference: Reference) -> None:
    """Lines have no limit as long as they do not end."""

    class Patient(Channel):
        MAX_LENGTH = NO_LIMIT

    connects(reference, Patient)


@mutant(*of("http", "endless-fields-are-cut-off"))
def counts_no_fields(reference: Reference) -> None:
    """There is a limit for each line, and none for all of them."""

    class Patient(Channel):
        maxHeaders = NO_LIMIT
        totalHeadersSize = NO_LIMIT

        def headerReceived(self, line: bytes) -> bool:
            if self._receivedHeaderCount > 100 and line.startswith(b"X-Web60: x"):
                return True
            return super().headerReceived(line)

    connects(reference, Patient)


@mutant(*of("http", "endless-chunk-extensions-are-cut-off"))
def skips_extensions_of_any_length(reference: Reference) -> None:
    """An extension is skipped as it comes, for as long as it comes."""

    class Decoder(_ChunkedTransferDecoder):
        def _dataReceived_CHUNK_LENGTH(self) -> bool:
            if b"\r\n" not in self._buffer and b";" in self._buffer:
                del self._buffer[self._buffer.index(b";") + 1 :]
            return super()._dataReceived_CHUNK_LENGTH()

    decodes(reference, Decoder)


@mutant(*of("http", "endless-trailers-are-cut-off"))
def skips_trailers_of_any_length(reference: Reference) -> None:
    """Trailer fields are skipped as they come, for as long as they come."""

    class Decoder(_ChunkedTransferDecoder):
        def _dataReceived_TRAILER(self) -> bool:
            self._receivedTrailerHeadersSize = 0
            self._trailerHeaders.clear()
            return super()._dataReceived_TRAILER()

    decodes(reference, Decoder)
