"""
Mutants of HTTP: answers that overtake each other, get lost or wait, and requests that are cut up on their way.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from typing import Any

from twisted.web.http import _ChunkedTransferDecoder

from reference_impl.repairs import answers
from tests.mutants import Reference, mutant, of
from tests.mutants._channels import BLANK, Channel, Request, asks, connects
from tests.mutants.http import echoes


@mutant(
    *of(
        "http",
        "answers-come-in-the-order-of-their-requests",
        "answers-keep-their-order-byte-by-byte",
        "continue-waits-for-its-turn",
        "much-that-waits-behind-a-slow-request-is-answered",
    )
)
def answers_as_answers_get_ready(reference: Reference) -> None:
    """What comes while a request is answered is answered meanwhile, as in Twisted up to 23.8 (CVE-2023-46137)."""

    class Overtaking(Channel):
        other: Any = None

        def rawDataReceived(self, data: bytes) -> None:
            if not self.works:
                super().rawDataReceived(data)
                return
            if self.other is None:
                # It has no say about when the transport is read.
                quiet = answers.Transport(self.transport)
                quiet.registerProducer = quiet.unregisterProducer = lambda *_: None
                self.other = reference.site.buildProtocol(None)
                self.other.makeConnection(quiet)
            self.other.dataReceived(data)

    connects(reference, Overtaking)


@mutant(*of("http", "answers-keep-their-order-byte-by-byte"))
def forgets_what_comes_while_it_works(reference: Reference) -> None:
    """What had come with a request waits; what comes while it is answered is lost."""

    class Forgetful(Channel):
        def dataReceived(self, data: bytes) -> None:
            if not self.works:
                super().dataReceived(data)

    connects(reference, Forgetful)


@mutant(*of("http", "much-that-waits-behind-a-slow-request-is-answered"))
def keeps_four_kb_of_what_waits(reference: Reference) -> None:
    """What waits stands in a buffer of 4 KB; more of it is lost."""

    class Small(Channel):
        def rawDataReceived(self, data: bytes) -> None:
            super().rawDataReceived(data[:4096] if self.works else data)

    connects(reference, Small)


@mutant(
    *of(
        "http",
        "a-length-ends-the-body",
        "answers-without-content-keep-the-order",
        "chunks-make-one-body",
        "contents-end-where-they-end",
        "many-at-once-are-each-answered-once",
    )
)
def takes_contents_of_one_length_for_the_same(reference: Reference) -> None:
    """A content that is as long as an earlier one is taken for that one."""
    known: dict[int, bytes] = {}
    echoes(reference, lambda content, _: known.setdefault(len(content), content))


@mutant(*of("http", "much-that-waits-behind-a-slow-request-is-answered"))
def never_reads_on_after_a_pause(reference: Reference) -> None:
    """Reading that was stopped because too much waited is not begun again."""

    class Deaf(Channel):
        def makeConnection(self, transport: Any) -> None:
            super().makeConnection(transport)
            self.transport.resumeProducing = lambda: None

    connects(reference, Deaf)


@mutant(
    *of(
        "http",
        "a-whole-request-does-not-wait-for-half-of-the-next",
        "continue-is-followed-by-a-final-answer",
        "continue-is-sent-before-the-content-comes",
        "expectation-counts-in-any-case",
    )
)
def answers_when_nothing_is_left_over(reference: Reference) -> None:
    """Answers are sent when all that has come was used: half of a request keeps that to the one before it."""

    class Holding(Channel):
        def makeConnection(self, transport: Any) -> None:
            super().makeConnection(transport)
            self._held: list[bytes] = []
            self._send = self.transport.write
            self.transport.write = self._held.append
            self.transport.writeSequence = self._held.extend

        def _flush(self) -> None:
            held, self._held[:] = b"".join(self._held), []
            self._send(held)

        def dataReceived(self, data: bytes) -> None:
            super().dataReceived(data)
            if not self._buffer and (not self.requests or self.works):
                self._flush()

        def requestDone(self, request: Any) -> None:
            super().requestDone(request)
            if not self._busyReceiving:
                self._flush()

        def loseConnection(self) -> None:
            self._flush()
            super().loseConnection()

    connects(reference, Holding)


@mutant(
    *of(
        "http",
        "a-request-without-content-waits-for-nothing",
        "a-whole-request-does-not-wait-for-half-of-the-next",
        "answers-keep-their-order-byte-by-byte",
        "any-sequence-of-requests-is-answered-in-order",
        "byte-by-byte-is-the-same-request",
        "endless-fields-are-cut-off",
        "endless-request-lines-are-cut-off",
    )
)
def looks_for_the_end_of_a_header_in_what_is_new(reference: Reference) -> None:
    """The two line ends that end a header have to come together."""

    class Forgetful(Channel):
        held = b""

        def dataReceived(self, data: bytes) -> None:
            self.held += data
            if self.line_mode and BLANK not in data:
                return
            held, self.held = self.held, b""
            super().dataReceived(held)

    connects(reference, Forgetful)


@mutant(*of("http", "a-request-without-content-waits-for-nothing"))
def waits_for_the_content_of_a_put(reference: Reference) -> None:
    """PUT has a content: one without a length is not answered before something comes."""

    class Waiting(Channel):
        def allHeadersReceived(self) -> None:
            super().allHeadersReceived()
            if self._command == b"PUT" and self._transferDecoder is None:
                self.wait_for_more()

    connects(reference, Waiting)


@mutant(*of("http", "behind-the-last-chunk-nothing-is-waited-for", "byte-by-byte-is-the-same-request"))
def wants_the_last_line_end_of_a_trailer_in_one_piece(reference: Reference) -> None:
    """Behind chunks a line end that comes in two pieces is taken for none until something more comes."""

    class Decoder(_ChunkedTransferDecoder):
        def _dataReceived_TRAILER(self) -> bool:
            if self._buffer == b"\r":
                self._start = 2
            return super()._dataReceived_TRAILER()

    decodes(reference, Decoder)


def decodes(reference: Reference, decoder: type[_ChunkedTransferDecoder]) -> None:
    """Put a decoder of chunks in place of the right one."""

    class Decoding(Channel):
        def headerReceived(self, line: bytes) -> bool:
            good = super().headerReceived(line)
            if type(self._transferDecoder) is _ChunkedTransferDecoder:
                self._transferDecoder = decoder(self.request.handleContentChunk, self._finishRequestBody)
            return good

    connects(reference, Decoding)


@mutant(
    *of(
        "http",
        "a-folded-line-is-no-field",
        "answers-come-in-the-order-of-their-requests",
        "answers-keep-their-order-byte-by-byte",
        "any-content-in-any-chunks-arrives",
        "contents-end-where-they-end",
        "no-other-field-is-transfer-encoding",
        "wherever-it-is-cut-it-is-the-same-request",
    )
)
def takes_the_line_end_behind_a_content_away(reference: Reference) -> None:
    """A content that ends with a line end, as those of old clients do, loses it."""
    echoes(reference, lambda content, _: content[:-2] if content.endswith(b"\r\n") else content)


@mutant(
    *of(
        "http",
        "answers-come-in-the-order-of-their-requests",
        "answers-keep-their-order-byte-by-byte",
        "content-arrives-byte-for-byte",
        "contents-end-where-they-end",
    )
)
def takes_a_request_in_a_content_for_one(reference: Reference) -> None:
    """A content ends where the next request seems to begin."""

    class Searching(Channel):
        def rawDataReceived(self, data: bytes) -> None:
            place = data.find(b"\r\nGET ")
            if not self.works and self.length and place >= 0:
                data = data[:place] + b" " * (len(data) - place)
            super().rawDataReceived(data)

    connects(reference, Searching)


@mutant(*of("http", "an-empty-line-before-a-request-is-ignored", "an-empty-line-behind-a-content-is-ignored"))
def wants_a_request_line_at_once(reference: Reference) -> None:
    """An empty line where a request line is due is a malformed request line."""

    class Strict(Channel):
        def lineReceived(self, line: bytes) -> None:
            if not line and not self.requests:
                self._respondToBadRequestAndDisconnect()
                return
            super().lineReceived(line)

    connects(reference, Strict)


@mutant(*of("http", "an-empty-line-behind-a-content-is-ignored"))
def passes_over_an_empty_line_before_the_first_request_only(reference: Reference) -> None:
    """Empty lines are passed over when a connection begins, and not behind a content."""

    class Strict(Channel):
        first = True

        def lineReceived(self, line: bytes) -> None:
            if not line and not self.requests and not self.first:
                self._respondToBadRequestAndDisconnect()
                return
            self.first = self.first and not line
            super().lineReceived(line)

    connects(reference, Strict)


@mutant(
    *of(
        "http",
        "behind-the-last-chunk-nothing-is-waited-for",
        "byte-by-byte-is-the-same-request",
        "wherever-it-is-cut-it-is-the-same-request",
    )
)
def reads_the_size_of_a_chunk_in_one_piece(reference: Reference) -> None:
    """The line of a chunk's size is read as far as it has come."""

    class Decoder(_ChunkedTransferDecoder):
        def _dataReceived_CHUNK_LENGTH(self) -> bool:
            if b"\r\n" not in self._buffer and len(self._buffer) > 1:
                del self._buffer[:1]
            return super()._dataReceived_CHUNK_LENGTH()

    decodes(reference, Decoder)


@mutant(*of("http", "field-names-count-in-any-case", "host-has-no-case", "the-name-of-chunked-has-no-case"))
def knows_one_spelling_of_each_name(reference: Reference) -> None:
    """Names are compared byte by byte: other spellings are other fields."""

    class Exact(Channel):
        def headerReceived(self, line: bytes) -> bool:
            name = line.partition(b":")[0]
            known = (b"Content-Length", b"Transfer-Encoding", b"Host", b"Connection")
            if name not in known and name.title() in known:
                line = b"X-" + line
            return super().headerReceived(line)

    connects(reference, Exact)


@mutant(*of("http", "repeated-fields-keep-their-order"))
def keeps_the_last_of_several_fields(reference: Reference) -> None:
    """Fields are a table: of several of one name the last one stays."""

    class Last(Request):
        def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
            for name, values in list(self.requestHeaders.getAllRawHeaders()):
                if name.startswith(b"X-"):
                    self.requestHeaders.setRawHeaders(name, values[-1:])
            super().requestReceived(command, path, version)

    asks(reference, Last)


@mutant(*of("http", "repeated-fields-keep-their-order"))
def sorts_fields(reference: Reference) -> None:
    """The values of a name are kept as a sorted set."""

    class Sorted(Request):
        def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
            for name, values in list(self.requestHeaders.getAllRawHeaders()):
                self.requestHeaders.setRawHeaders(name, sorted(values))
            super().requestReceived(command, path, version)

    asks(reference, Sorted)


@mutant(*of("http", "any-content-in-any-chunks-arrives", "content-in-chunks-arrives-whole"))
def ends_a_content_with_an_empty_line_in_a_chunk(reference: Reference) -> None:
    """A chunk that is only a line end is taken for the end of the content's line, and left out."""

    class Careless(Request):
        def handleContentChunk(self, data: bytes) -> None:
            if data != b"\r\n" or not self.requestHeaders.hasHeader(b"transfer-encoding"):
                super().handleContentChunk(data)

    asks(reference, Careless)


@mutant(
    *of(
        "http",
        "answers-without-content-keep-the-order",
        "any-sequence-of-requests-is-answered-in-order",
        "connection-persists-unless-its-end-is-announced",
        "head-has-no-content",
    )
)
def forgets_to_begin_anew_behind_head(reference: Reference) -> None:
    """Behind a HEAD on a connection the next answer, too, says that it has no content."""

    class Remembering(Channel):
        headless = False

        def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
            if self.headless and self.request.method == b"POST":
                headers.setRawHeaders(b"content-length", [b"0"])
            self.headless = self.request.method == b"HEAD"
            super().writeHeaders(version, code, reason, headers)

    connects(reference, Remembering)
