"""
Refusals: header lines that are no fields, taken for fields, passed over, or passed on as they came.
"""

from __future__ import annotations

import re
from typing import Any

from reference_impl.repairs import answers
from tests.mutants import Reference, mutant, of
from tests.mutants._framing import channel, passes_over, reads


@mutant(*of("http", "whitespace-before-a-colon-is-refused"))
def strips_names(reference: Reference) -> None:
    """Whitespace between a name and its colon is taken away, but for the fields of framing."""
    reads(reference, rb"^(x-[\w-]+)[ \t]+:", rb"\1:")


@mutant(*of("http", "whitespace-before-a-colon-is-refused"))
def passes_over_names_with_whitespace(reference: Reference) -> None:
    """A field whose name is followed by whitespace is passed over."""
    passes_over(reference, rb"^x-[\w-]+[ \t]+:")


@mutant(*of("http", "a-line-without-a-colon-is-refused"))
def passes_over_lines_without_a_colon(reference: Reference) -> None:
    """A line that cannot be split is passed over."""
    passes_over(reference, rb"^(?!\w+ \S+ HTTP)\w[\w= -]*$")


@mutant(*of("http", "a-line-without-a-colon-is-refused", "a-name-with-other-characters-is-refused"))
def takes_an_equals_sign_for_a_colon(reference: Reference) -> None:
    """A field may have an equals sign where its colon belongs."""
    reads(reference, rb"^([\w-]+)=", rb"\1:")


@mutant(*of("http", "a-field-without-a-name-is-refused"))
def passes_over_fields_without_a_name(reference: Reference) -> None:
    """A field without a name is passed over."""
    passes_over(reference, rb"^:")


@mutant(*of("http", "a-name-with-other-characters-is-refused", "no-name-has-a-character-that-no-token-has"))
def passes_over_names_with_brackets(reference: Reference) -> None:
    """Brackets and slashes may stand in a name."""
    reads(reference, rb"^([^: ]*)[](){}/[@<>?=\\]+([^: ]*:)", rb"\1-\2")


@mutant(*of("http", "a-name-with-other-characters-is-refused", "no-name-has-a-character-that-no-token-has"))
def takes_letters_of_latin_1(reference: Reference) -> None:
    """Letters beyond ASCII are letters too."""
    reads(reference, rb"^([\w-]*)[\xc0-\xff]([\w-]*:)", rb"\1-\2")


@mutant(*of("http", "any-token-is-a-name"))
def knows_names_of_letters_and_hyphens(reference: Reference) -> None:
    """A name is letters, digits and hyphens, as in Twisted up to 24.7."""
    reads(reference, rb"^[^: ]*[!#$%&'*+.^`|~][^: ]*:", b"no name:")


@mutant(*of("http", "any-token-is-a-name"))
def knows_names_that_begin_with_a_letter(reference: Reference) -> None:
    """A name begins with a letter."""
    reads(reference, rb"^\d\w*:", b"no name:")


@mutant(*of("http", "any-value-of-printable-characters-is-taken"))
def reads_values_as_utf_8(reference: Reference) -> None:
    """A value that is no UTF-8 is refused."""

    def line_received(self: Any, line: bytes) -> Any:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            line = b"no name: a"
        return super(self.__class__, self).lineReceived(line)

    channel(reference, lineReceived=line_received)


@mutant(*of("http", "any-value-of-printable-characters-is-taken", "wherever-it-is-cut-it-is-the-same-request"))
def wants_a_value(reference: Reference) -> None:
    """A field without a value is refused, but for those that a request cannot do without."""
    reads(reference, rb"^x-[\w-]+:\s*$", b"no name: a")


def left(reference: Reference, pattern: bytes, hidden: bytes = b"\x1a") -> None:
    """What this finds in a value is passed on as it came; `hidden` stands for it where Twisted looks."""

    def header_received(self: Any, line: bytes) -> Any:
        name, _, value = line.partition(b":")
        found = re.search(pattern, value)
        if not found or not name.lower().startswith(b"x-"):
            return answers.Channel.headerReceived(self, line)
        taken = answers.Channel.headerReceived(self, name + b": " + hidden)
        # By the front door line ends become blanks.
        kept = self.requests[-1].requestHeaders._rawHeaders
        kept[next(reversed(kept))] = [value.removeprefix(b" ")]
        return taken

    channel(reference, headerReceived=header_received)


@mutant(*of("http", "whitespace-around-a-value-is-no-part-of-it"))
def takes_one_blank_away(reference: Reference) -> None:
    """Before a value one blank is taken away, and no more whitespace."""
    left(reference, rb"^[ \t]*[ \t][ \t]|^\t|\t$")


@mutant(*of("http", "whitespace-around-a-value-is-no-part-of-it"))
def makes_one_blank_of_several(reference: Reference) -> None:
    """Several blanks within a value become one."""
    reads(reference, rb"^(x-[\w-]+:.*\S)  +(?=\S)", rb"\1 ")


@mutant(*of("http", "a-nul-in-a-value-is-refused-or-becomes-a-space"))
def passes_on_a_nul(reference: Reference) -> None:
    """A NUL in a value is passed on, as in Twisted up to 25.5."""
    left(reference, rb"\0")


@mutant(*of("http", "a-nul-in-a-value-is-refused-or-becomes-a-space"))
def ends_a_value_at_a_nul(reference: Reference) -> None:
    """A value ends at its NUL."""
    reads(reference, rb"^(x-[^:]+:[^\0]*)\0.*", rb"\1")


@mutant(*of("http", "a-cr-in-a-value-is-refused-or-becomes-a-space"))
def passes_on_a_cr(reference: Reference) -> None:
    """A CR in a value is passed on, as in Twisted up to 25.5."""
    left(reference, rb"\r")


@mutant(*of("http", "an-lf-in-a-value-is-no-part-of-it"))
def passes_on_an_lf(reference: Reference) -> None:
    """An LF in a value is passed on, as in Twisted up to 25.5."""
    left(reference, rb"\n")


@mutant(*of("http", "a-folded-value-is-refused-or-unfolded"))
def drops_folded_lines(reference: Reference) -> None:
    """What a value has in further lines is dropped, but where the first is empty."""

    def line_received(self: Any, line: bytes) -> Any:
        whole, self.whole = self.whole, bool(re.match(rb"x-[\w-]+: *\S", line, re.IGNORECASE))
        if whole and line[:1] in (b" ", b"\t"):
            self.whole = True
            return None
        return super(self.__class__, self).lineReceived(line)

    channel(reference, whole=False, lineReceived=line_received)


@mutant(*of("http", "a-blank-before-the-first-field-is-refused-or-passed-over"))
def strips_the_first_line_of_a_field_that_nobody_knows(reference: Reference) -> None:
    """A first field line that begins with a blank is taken for a field, unless it frames."""

    def line_received(self: Any, line: bytes) -> Any:
        first, self.first = self.first, line.endswith(b" HTTP/1.1")
        own = first and line.lstrip(b" \t").lower().startswith(b"x-")
        return super(self.__class__, self).lineReceived(line.lstrip(b" \t") if own else line)

    channel(reference, first=False, lineReceived=line_received)


@mutant(*of("http", "a-name-with-other-characters-is-refused", "no-name-has-a-character-that-no-token-has"))
def takes_control_characters_for_letters(reference: Reference) -> None:
    """Control characters may stand in a name."""
    reads(reference, rb"^([\w-]*)[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\xbf]([\w-]*:)", rb"\1-\2")
