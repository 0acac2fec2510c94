"""
Mutants of the delayed page: the connection on which the answer comes, and the form in which it does.
"""

from __future__ import annotations

from reference_impl.asynchronous import SORRY
from tests.mutants import Reference, _delayed, mutant, of

NAME = b"asynchronous"


@mutant(*of("asynchronous", "the-delay-counts-from-the-whole-request"))
def counts_from_the_first_line(reference: Reference) -> None:
    """The delay is counted from the first line of the request, however late its last one comes."""
    _delayed.from_its_first_line(reference, NAME)


@mutant(*of("asynchronous", "a-request-sent-while-another-waits-is-answered-after-it"))
def is_overtaken_by_what_comes_meanwhile(reference: Reference) -> None:
    """A request that comes on a connection whose last one still waits is answered at once."""
    _delayed.overtaken(reference, NAME)


@mutant(
    *of(
        "asynchronous",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def answers_each_connection_once(reference: Reference) -> None:
    """The body is given out once on each connection: the second delayed answer is empty."""
    _delayed.once_a_connection(reference, NAME)


@mutant(*of("asynchronous", "an-older-client-is-answered-without-chunks"))
def speaks_one_version(reference: Reference) -> None:
    """A client that speaks HTTP/1.0 is sent chunks."""
    _delayed.one_version(reference, NAME)


@mutant(*of("asynchronous", "an-older-client-is-left-after-the-answer"))
def keeps_the_connections_of_older_clients(reference: Reference) -> None:
    """The connection of a client that speaks HTTP/1.0 is kept, although it did not ask for that."""
    _delayed.kept(reference, NAME, b"HTTP/1.0")


@mutant(*of("asynchronous", "asked-to-close-it-closes-after-the-answer"))
def forgets_to_close(reference: Reference) -> None:
    """That the client wanted the connection closed is forgotten when the delay is over."""
    _delayed.kept(reference, NAME, b"HTTP/1.1")


@mutant(*of("asynchronous", "asked-to-close-it-says-that-it-will"))
def closes_without_a_word(reference: Reference) -> None:
    """The connection is closed as the client wanted, and the answer does not say so."""
    _delayed.silent_about_the_end(reference, NAME)


@mutant(*of("asynchronous", "the-body-of-a-post-is-not-taken-for-a-request"))
def takes_bodies_for_requests(reference: Reference) -> None:
    """The body of a POST that is refused stays on the connection, where it is read as the next request."""
    _delayed.bodies_unread(reference, NAME)


@mutant(*of("asynchronous", "a-method-that-is-refused-names-those-that-are-not"))
def refuses_without_a_hint(reference: Reference) -> None:
    """A POST is refused with 405, without an Allow field."""
    _delayed.without_allow(reference, NAME)


@mutant(*of("asynchronous", "a-length-said-to-head-is-that-of-the-body", "head-has-the-fields-of-get"))
def says_no_length_to_head(reference: Reference) -> None:
    """HEAD is told Content-Length: 0, the length of what is sent to it."""
    _delayed.head_says(reference, NAME, 0)


@mutant(*of("asynchronous", "a-length-said-to-head-is-that-of-the-body"))
def says_characters_to_head(reference: Reference) -> None:
    """HEAD is told the length of a text that is not quite the body."""
    _delayed.head_says(reference, NAME, len(SORRY.strip(b"<>")))


@mutant(*of("asynchronous", "head-has-the-fields-of-get"))
def sets_fields_with_the_body(reference: Reference) -> None:
    """A field that is set where the body is written is missing for HEAD."""
    _delayed.head_is_less(reference, NAME)


@mutant(*of("asynchronous", "asked-for-a-part-it-sends-the-whole-or-marks-the-part"))
def sends_a_part_for_the_whole(reference: Reference) -> None:
    """Who asks for a part gets it with the status of the whole."""
    _delayed.in_parts(reference, NAME, 200)


@mutant(*of("asynchronous", "asked-for-a-part-it-sends-the-whole-or-marks-the-part"))
def sends_a_part_unmarked(reference: Reference) -> None:
    """Who asks for a part gets it as 206, and is not told which part it is."""
    _delayed.in_parts(reference, NAME, 206)


@mutant(*of("asynchronous", "after-many-requests-it-answers-as-fast-as-before"))
def leaves_something_behind(reference: Reference) -> None:
    """Each delayed answer leaves something in a list that every later request goes through."""
    _delayed.slower_each_time(reference, NAME)
