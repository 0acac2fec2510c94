"""
Chunks: sizes read in other ways than as a row of hexadecimal digits, and chunks that end elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

from twisted.web.http import _MalformedChunkedDataError

from reference_impl.repairs import answers
from tests.mutants import Reference, mutant, of
from tests.mutants._framing import Chunks, channel, chunks, sizes


def hexadecimal(number: int) -> bytes:
    """A line with a size that is read as this number; what is no size stays as it is."""
    return b"%x" % number


@mutant(
    *of(
        "http",
        "any-content-in-any-chunks-arrives",
        "chunks-make-one-body",
        "contents-end-where-they-end",
        "wherever-it-is-cut-it-is-the-same-request",
    )
)
def reads_sizes_as_decimal(reference: Reference) -> None:
    """A size is decimal where it can be."""
    sizes(reference, lambda line: hexadecimal(int(line)) if line.isdigit() else line)


@mutant(*of("http", "a-chunk-size-with-a-sign-is-refused", "no-chunk-size-is-guessed"))
def takes_a_sign(reference: Reference) -> None:
    """A sign before a size is passed over."""
    sizes(reference, lambda line: line.lstrip(b"+-"))


@mutant(
    *of(
        "http",
        "a-chunk-size-in-another-notation-is-refused",
        "a-chunk-size-with-a-sign-is-refused",
        "an-extension-with-a-control-character-is-refused",
        "no-chunk-size-is-guessed",
        "whitespace-before-or-in-a-chunk-size-is-refused",
    )
)
def reads_sizes_with_int(reference: Reference) -> None:
    """Sizes are read with Python's int(), as in Twisted up to 22.2."""

    def line(text: bytes) -> bytes:
        try:
            return hexadecimal(abs(int(text.split(b";")[0], 16)))
        except ValueError:
            return text

    sizes(reference, line)


@mutant(*of("http", "a-chunk-size-in-another-notation-is-refused", "no-chunk-size-is-guessed"))
def stops_at_what_is_no_digit(reference: Reference) -> None:
    """Of a size the digits at its start are read, and what follows is not looked at."""
    sizes(reference, lambda line: re.sub(rb"^([0-9a-fA-F]+)[^0-9a-fA-F;\s\0].*", rb"\1", line))


@mutant(*of("http", "a-missing-chunk-size-is-refused"))
def takes_nothing_for_the_last_chunk(reference: Reference) -> None:
    """A size that is missing is zero."""
    sizes(reference, lambda line: b"0" + line if line[:1] in (b"", b";") else line)


@mutant(*of("http", "a-missing-chunk-size-is-refused"))
def passes_over_empty_lines(reference: Reference) -> None:
    """An empty line before a size is passed over, as in waitress 3.0."""

    def find(self: Any) -> None:
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]

    chunks(reference, find=find)


@mutant(*of("http", "whitespace-before-or-in-a-chunk-size-is-refused"))
def strips_sizes(reference: Reference) -> None:
    """Blanks and tabs before a size are taken away."""
    sizes(reference, lambda line: line.lstrip(b" \t"))


@mutant(*of("http", "whitespace-before-or-in-a-chunk-size-is-refused"))
def passes_over_blanks_in_sizes(reference: Reference) -> None:
    """Blanks within a size are passed over."""
    sizes(reference, lambda line: re.sub(rb"(?<=[0-9a-f]) +(?=[0-9a-f])", b"", line))


@mutant(*of("http", "a-chunk-ends-where-its-size-says"))
def skips_two_bytes_behind_the_data(reference: Reference) -> None:
    """Behind the data of a chunk two bytes are skipped, whatever they are."""

    def crlf(self: Any) -> bool:
        self._buffer[:2] = b"\r\n" if len(self._buffer) > 1 else self._buffer[:2]
        return Chunks._dataReceived_CRLF(self)

    chunks(reference, _dataReceived_CRLF=crlf)


@mutant(*of("http", "a-chunk-ends-where-its-size-says"))
def reads_data_up_to_the_line_end(reference: Reference) -> None:
    """What is more than a chunk's size, up to the end of its line, is dropped."""

    def crlf(self: Any) -> bool:
        end = self._buffer.find(b"\r\n")
        if end > 0:
            del self._buffer[:end]
        return Chunks._dataReceived_CRLF(self)

    chunks(reference, _dataReceived_CRLF=crlf)


@mutant(*of("http", "a-chunk-ends-where-its-size-says"))
def wants_no_line_end_behind_the_data(reference: Reference) -> None:
    """Behind the data of a chunk the line end may be missing."""

    def crlf(self: Any) -> bool:
        if self._buffer[:1] not in (b"\r", b"\n"):
            self._buffer[:0] = b"\r\n"
        return Chunks._dataReceived_CRLF(self)

    chunks(reference, _dataReceived_CRLF=crlf)


@mutant(*of("http", "a-bare-cr-ends-no-chunk"))
def ends_a_size_at_a_cr(reference: Reference) -> None:
    """A CR ends the line of a size, whatever follows."""

    def find(self: Any) -> None:
        self._buffer[:] = re.sub(rb"^([0-9a-fA-F]+)\r(?=[^\n])", rb"\1\r\n", bytes(self._buffer))

    chunks(reference, find=find)


@mutant(*of("http", "a-bare-lf-ends-no-chunk"))
def ends_a_size_at_an_lf(reference: Reference) -> None:
    """An LF alone ends the line of a size."""

    def find(self: Any) -> None:
        self._buffer[:] = re.sub(rb"^([0-9a-fA-F]+)\n", rb"\1\r\n", bytes(self._buffer))

    chunks(reference, find=find)


@mutant(*of("http", "a-bare-lf-ends-no-chunk"))
def ends_the_data_with_an_lf(reference: Reference) -> None:
    """An LF alone may stand behind the data of a chunk."""

    def crlf(self: Any) -> bool:
        if self._buffer.startswith(b"\n"):
            self._buffer[:1] = b"\r\n"
        return Chunks._dataReceived_CRLF(self)

    chunks(reference, _dataReceived_CRLF=crlf)


@mutant(*of("http", "a-very-large-chunk-size-does-not-wrap-around"))
def keeps_sizes_in_64_bits(reference: Reference) -> None:
    """Of a size the lowest 64 bits are kept."""
    sizes(reference, lambda line: line[-16:].lstrip(b"0") or b"0" if re.fullmatch(rb"[0-9a-f]{17,}", line) else line)


@mutant(*of("http", "a-very-large-chunk-size-does-not-wrap-around"))
def keeps_sizes_in_32_bits(reference: Reference) -> None:
    """Of a size the lowest 32 bits are kept."""
    sizes(reference, lambda line: line[-8:] if re.fullmatch(rb"[0-9a-f]{9,16}", line) else line)


@mutant(*of("http", "chunk-extensions-are-ignored"))
def knows_no_extensions(reference: Reference) -> None:
    """A size with an extension is refused."""
    sizes(reference, lambda line: line.replace(b";", b"?"))


@mutant(*of("http", "chunk-extensions-are-ignored"))
def takes_the_last_of_a_line_for_the_size(reference: Reference) -> None:
    """What stands behind the last semicolon is looked at for a size, even in quotes."""
    sizes(reference, lambda line: re.sub(rb'^.*;(\d+)"$', rb"\1", line))


@mutant(*of("http", "a-bare-cr-ends-no-chunk", "a-bare-cr-in-an-extension-ends-nothing"))
def takes_what_follows_a_cr_for_the_size(reference: Reference) -> None:
    """A CR in an extension begins another line, and its size counts."""
    sizes(reference, lambda line: line.split(b"\r")[-1] if re.search(rb"\r\d$", line) else line)


@mutant(*of("http", "an-extension-with-a-control-character-is-refused"))
def does_not_look_at_extensions(reference: Reference) -> None:
    """An extension is cut off unseen, as in Twisted up to 22.2."""
    sizes(reference, lambda line: line.split(b";")[0])


@mutant(*of("http", "an-extension-with-a-control-character-is-refused", "no-chunk-size-is-guessed"))
def passes_over_nuls(reference: Reference) -> None:
    """A NUL in an extension is left out."""
    sizes(reference, lambda line: line.replace(b"\0", b""))


@mutant(*of("http", "a-very-long-extension-is-refused-or-ignored", "endless-chunk-extensions-are-cut-off"))
def takes_a_long_line_for_an_empty_one(reference: Reference) -> None:
    """A line that is longer than the buffer for it counts as empty, and so as that of the last chunk."""

    def find(self: Any) -> None:
        self.long = getattr(self, "long", False)
        if len(self._buffer) > 1000 and b"\r\n" not in self._buffer[:1000]:
            end = self._buffer.find(b"\r\n")
            self.long = True
            del self._buffer[3 : end if end > 0 else len(self._buffer) - 1]

    def line(self: Any, text: bytes) -> bytes:
        long, self.long = self.long, False
        return b"0" if long else text

    chunks(reference, find=find, line=line)


@mutant(*of("http", "endless-trailers-are-cut-off", "trailers-end-the-body", "trailers-frame-nothing"))
def reads_no_trailers(reference: Reference) -> None:
    """The body ends with its last chunk, and what follows is the next request."""

    def trailer(self: Any) -> bool:
        rest = bytes(self._buffer)
        del self._buffer[:]
        self.state = "FINISHED"
        self.finishCallback(rest)
        return False

    chunks(reference, _dataReceived_TRAILER=trailer)


@mutant(*of("http", "endless-trailers-are-cut-off", "trailers-end-the-body"))
def reads_one_trailer(reference: Reference) -> None:
    """Behind the first trailer the body ends."""

    def trailer(self: Any) -> bool:
        self._buffer[:] = re.sub(rb"^([^\r\n]+\r\n)(?=[^\r\n])", rb"\1\r\n", bytes(self._buffer))
        return Chunks._dataReceived_TRAILER(self)

    chunks(reference, _dataReceived_TRAILER=trailer)


def merging(wanted: bytes) -> Any:
    """A step that takes trailers whose names fit this expression for fields."""

    def trailer(self: Any) -> bool:
        line, end, _ = bytes(self._buffer).partition(b"\r\n")
        name, _, value = line.partition(b":")
        if name and end and re.fullmatch(wanted, name, re.IGNORECASE):
            self.fields.addRawHeader(name, value)
        return Chunks._dataReceived_TRAILER(self)

    return trailer


@mutant(*of("http", "trailers-become-no-fields"))
def merges_trailers(reference: Reference) -> None:
    """Trailers are added to the fields, but for those of framing."""
    chunks(reference, _dataReceived_TRAILER=merging(rb"(?!content-length|transfer-encoding).*"))


@mutant(*of("http", "trailers-frame-nothing"))
def drops_as_much_as_a_trailer_says(reference: Reference) -> None:
    """A length in a trailer says how much follows."""

    def trailer(self: Any) -> bool:
        found = re.match(rb"(?i)content-length: (\d+)\r\n\r\n", bytes(self._buffer))
        if found:
            del self._buffer[found.end() : found.end() + int(found[1])]
        return Chunks._dataReceived_TRAILER(self)

    chunks(reference, _dataReceived_TRAILER=trailer)


@mutant(
    *of(
        "http",
        "a-bare-cr-ends-no-chunk",
        "a-bare-cr-in-an-extension-ends-nothing",
        "a-bare-lf-ends-no-chunk",
        "a-chunk-ends-where-its-size-says",
        "a-chunk-size-in-another-notation-is-refused",
        "a-chunk-size-with-a-sign-is-refused",
        "a-missing-chunk-size-is-refused",
        "an-extension-with-a-control-character-is-refused",
        "no-chunk-size-is-guessed",
        "whitespace-before-or-in-a-chunk-size-is-refused",
    )
)
def goes_on_behind_chunks_that_are_none(reference: Reference) -> None:
    """Chunks that are none are refused, and the connection goes on where a request seems to begin."""

    def raw_data_received(self: Any, data: bytes) -> None:
        try:
            if self._handlingRequest:
                answers.Channel.rawDataReceived(self, data)
            else:
                self._transferDecoder.dataReceived(data)
        except _MalformedChunkedDataError:
            if b"POST " not in data:
                self.transport.loseConnection()
                return
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            self.requests.pop()
            self.length, self._transferDecoder, self._HTTPChannel__first_line = 0, None, 1
            self.setLineMode(data[data.rfind(b"POST ") :])

    channel(reference, rawDataReceived=raw_data_received)
