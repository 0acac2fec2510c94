"""
Transfer codings: chunks announced in other ways, and what else is taken for their announcement.
"""

from __future__ import annotations

import re
from typing import Any

from twisted.web.http import _ChunkedTransferDecoder, _IdentityTransferDecoder

from reference_impl.repairs import answers
from tests.mutants import Reference, mutant, of
from tests.mutants._framing import Overriding, channel, passes_over, reads, requests

CODING = rb"^transfer-encoding:"


def read_by(reference: Reference, right: Any) -> None:
    """A coding is chunked where this is true of its text."""

    def coding(found: re.Match[bytes]) -> bytes:
        return b"Transfer-Encoding: chunked" if right(found[1]) else found[0]

    reads(reference, CODING + rb"(.*)", coding)


@mutant(*of("http", "the-name-of-chunked-has-no-case"))
def compares_codings_as_they_come(reference: Reference) -> None:
    """A coding in capital letters is not known."""
    reads(reference, CODING + rb"\s*(?-i:[A-Z]).*", b"Transfer-Encoding: unknown")


@mutant(*of("http", "whitespace-around-chunked-is-no-part-of-it"))
def takes_a_tab_for_a_part_of_the_coding(reference: Reference) -> None:
    """Of the whitespace around a coding the blanks are taken away only, as in llhttp."""
    reads(reference, CODING + rb"(\t.*|.*\t)$", b"Transfer-Encoding: unknown")


@mutant(*of("http", "a-length-beside-chunks-never-decides", "chunks-in-http-1-0-end-the-connection"))
def prefers_the_length(reference: Reference) -> None:
    """Where there are a length and chunks the length counts."""

    def header_received(self: Any, line: bytes) -> Any:
        name = line.split(b":")[0].lower()
        if name == b"transfer-encoding" and isinstance(self._transferDecoder, _IdentityTransferDecoder):
            return True
        if name == b"content-length" and isinstance(self._transferDecoder, _ChunkedTransferDecoder):
            self._transferDecoder = None
        return answers.Channel.headerReceived(self, line)

    channel(reference, headerReceived=header_received)


@mutant(
    *of("http", "a-length-beside-chunks-never-decides", "chunked-twice-is-refused", "lengths-that-differ-are-refused")
)
def prefers_whichever_comes_last(reference: Reference) -> None:
    """Of a length and chunks the last one counts, as in Twisted up to 19.10."""

    def header_received(self: Any, line: bytes) -> Any:
        if line.split(b":")[0].lower() in (b"content-length", b"transfer-encoding"):
            self._transferDecoder = None
        return answers.Channel.headerReceived(self, line)

    channel(reference, headerReceived=header_received)


@mutant(*of("http", "a-length-beside-chunks-never-decides"))
def goes_on_after_a_length_and_chunks(reference: Reference) -> None:
    """A request with a length and chunks is read by its chunks, and the connection goes on."""
    reference.site.protocol = type("Keeping", (Overriding,), {"keeps": True})


@mutant(*of("http", "a-coding-that-does-not-end-in-chunked-is-refused", "chunked-twice-is-refused"))
def looks_at_the_first_coding(reference: Reference) -> None:
    """Of several codings the first counts."""
    read_by(reference, lambda text: text.split(b",")[0].strip(b" \t").lower() == b"chunked")


@mutant(*of("http", "a-coding-that-does-not-end-in-chunked-is-refused"))
def passes_over_codings_that_it_does_not_know(reference: Reference) -> None:
    """A coding that is not known is taken for none."""
    passes_over(reference, CODING + rb"[ \t]*(snail|gzip)$")


@mutant(*of("http", "identity-is-no-transfer-coding"))
def takes_identity_for_none(reference: Reference) -> None:
    """Identity is no coding, as Twisted has it up to 26.10."""

    def request_received(self: Any, command: bytes, path: bytes, version: bytes) -> None:
        self.requestHeaders.removeHeader(b"transfer-encoding")
        super(self.__class__, self).requestReceived(command, path, version)

    requests(reference, requestReceived=request_received)


@mutant(*of("http", "an-empty-coding-is-refused"))
def takes_an_empty_coding_for_none(reference: Reference) -> None:
    """A Transfer-Encoding without a value is as good as none, as in waitress 3.0."""
    passes_over(reference, CODING + rb"[ \t]*$")


@mutant(*of("http", "a-coding-that-only-looks-like-chunked-is-refused"))
def finds_chunked_at_the_end_of_a_word(reference: Reference) -> None:
    """A coding is chunked if it ends like that."""
    read_by(reference, lambda text: text.endswith(b"chunked") and b"," not in text)


@mutant(*of("http", "a-coding-that-only-looks-like-chunked-is-refused"))
def strips_all_whitespace_of_a_coding(reference: Reference) -> None:
    """Whatever is whitespace to a language is taken from around a coding, as in Twisted up to 22.2."""
    read_by(reference, lambda text: text.strip().lower() == b"chunked")


@mutant(*of("http", "a-coding-that-only-looks-like-chunked-is-refused"))
def compares_codings_as_text(reference: Reference) -> None:
    """Codings are compared as text in small letters, which the Kelvin sign has too."""
    read_by(reference, lambda text: text.decode("utf-8", "replace").strip(" \t").lower() == "chunked")


@mutant(*of("http", "an-unknown-coding-before-chunked-is-refused"))
def looks_at_the_last_coding(reference: Reference) -> None:
    """Of several codings the last counts, and the others are not undone."""
    read_by(reference, lambda text: re.fullmatch(rb" *(gzip|snail) *, *chunked", text))


@mutant(*of("http", "chunked-with-parameters-is-refused"))
def cuts_a_coding_at_its_semicolon(reference: Reference) -> None:
    """The parameters of a coding are not looked at."""
    read_by(reference, lambda text: text.split(b";")[0].strip(b" \t") == b"chunked")


@mutant(*of("http", "chunked-twice-is-refused"))
def takes_chunked_twice_for_once(reference: Reference) -> None:
    """Chunked twice is read by its chunks, once, as in waitress 3.0."""
    read_by(reference, lambda text: {one.strip(b" \t") for one in text.split(b",")} == {b"chunked"})


@mutant(*of("http", "empty-members-beside-chunked-change-nothing"))
def passes_over_codings_with_an_empty_member(reference: Reference) -> None:
    """A list of codings that begins or ends in a comma is taken for none."""
    passes_over(reference, CODING + rb"([ \t]*,.*\w|.*\w[ \t]*,)[ \t]*$")


@mutant(*of("http", "chunks-in-http-1-0-end-the-connection"))
def keeps_a_connection_that_wants_to_be_kept(reference: Reference) -> None:
    """HTTP/1.0 with chunks goes on if it asks for that, as in aiohttp 3.14."""

    def check_persistence(self: Any, request: Any, version: bytes) -> Any:
        old = version == b"HTTP/1.0" and request.requestHeaders.hasHeader(b"transfer-encoding")
        return old or answers.Channel.checkPersistence(self, request, version)

    channel(reference, checkPersistence=check_persistence)


@mutant(*of("http", "chunks-in-http-1-0-end-the-connection"))
def passes_over_chunks_in_http_1_0(reference: Reference) -> None:
    """HTTP/1.0 knows no chunks, so they are taken for no body, as in waitress 3.0."""

    def all_headers_received(self: Any) -> None:
        if self._version == b"HTTP/1.0" and self.length is None:
            self._transferDecoder, self.length = None, 0
        answers.Channel.allHeadersReceived(self)

    channel(reference, allHeadersReceived=all_headers_received)


@mutant(*of("http", "no-other-field-is-transfer-encoding"))
def knows_fields_by_their_variables(reference: Reference) -> None:
    """A name with an underscore is that with a hyphen."""
    reads(reference, rb"^transfer_encoding:", b"Transfer-Encoding:", base=Overriding)


@mutant(*of("http", "a-framing-field-with-a-strange-name-decides-nothing", "no-other-field-is-transfer-encoding"))
def finds_names_within_names(reference: Reference) -> None:
    """A name that ends like Transfer-Encoding is that."""
    reads(reference, rb"^\S*transfer-encoding:", b"Transfer-Encoding:", base=Overriding)


@mutant(*of("http", "whitespace-before-the-colon-of-a-framing-field-is-refused"))
def passes_over_framing_fields_with_whitespace(reference: Reference) -> None:
    """A length or a coding whose name is followed by whitespace is not known, and passed over."""
    passes_over(reference, rb"^(content-length|transfer-encoding)[ \t]+:")


@mutant(*of("http", "whitespace-before-the-colon-of-a-framing-field-is-refused"))
def strips_the_names_of_framing_fields(reference: Reference) -> None:
    """A length or a coding whose name is followed by whitespace counts."""
    reads(reference, rb"^(content-length|transfer-encoding)[ \t]+:", rb"\1:")


@mutant(*of("http", "a-framing-field-with-a-strange-name-decides-nothing"))
def strips_what_is_whitespace_elsewhere(reference: Reference) -> None:
    """Of a name whatever is whitespace to a language is taken away."""
    reads(reference, rb"^[\x0b\x0c\r\xa0]+(transfer-encoding:)", rb"\1", base=Overriding)


@mutant(*of("http", "a-framing-field-with-a-strange-name-decides-nothing"))
def ends_a_name_at_a_nul(reference: Reference) -> None:
    """A name ends at its NUL."""
    reads(reference, rb"^(transfer-encoding)\0[^:]*:", rb"\1:", base=Overriding)


@mutant(
    *of(
        "http",
        "a-folded-framing-field-is-refused-or-unfolded",
        "an-empty-coding-is-refused",
        "an-empty-length-is-refused",
    )
)
def drops_framing_fields_that_are_folded(reference: Reference) -> None:
    """A length or a coding without a value in its own line is dropped, and so is the next line."""
    passes_over(reference, rb"^((content-length|transfer-encoding):|[ \t]+(5|chunked))$")


@mutant(*of("http", "a-blank-before-the-first-field-hides-no-framing", "a-folded-line-is-no-field"))
def strips_lines(reference: Reference) -> None:
    """Blanks at the start of a line are taken away, whatever they mean."""
    reads(reference, rb"^[ \t]+(?=transfer-encoding:)", b"", base=Overriding)


@mutant(
    *of(
        "http",
        "a-blank-before-the-first-field-hides-no-framing",
        "a-blank-before-the-first-field-is-refused-or-passed-over",
    )
)
def strips_the_first_field_line(reference: Reference) -> None:
    """A first field line that begins with a blank is taken for a field."""

    def line_received(self: Any, line: bytes) -> Any:
        first, self.first = self.first, line.endswith(b" HTTP/1.1")
        return super(self.__class__, self).lineReceived(line.lstrip(b" \t") if first else line)

    channel(reference, base=Overriding, first=False, lineReceived=line_received)


@mutant(
    *of(
        "http",
        "a-bare-cr-begins-no-field",
        "a-cr-in-a-value-is-refused-or-becomes-a-space",
        "a-framing-field-with-a-strange-name-decides-nothing",
    )
)
def ends_a_line_at_a_cr(reference: Reference) -> None:
    """A CR ends a line of the header."""

    def line_received(self: Any, line: bytes) -> Any:
        for part in line.split(b"\r") if b":" in line else [line]:
            if not self.transport.disconnecting and (part or not line):
                super(self.__class__, self).lineReceived(part)

    channel(reference, base=Overriding, lineReceived=line_received)
