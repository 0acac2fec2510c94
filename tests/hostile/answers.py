"""
Targets whose answers are hostile: none, cut short, endless, malformed.
"""

from __future__ import annotations

import gzip
import os
import random
from itertools import chain, count, repeat

from tests.hostile import ASKED, BODY, HONEST, PIECE, RAW, Line, Scene, hostile, of

LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"

#: What asks only when an answer begins; and when it ends; and whether it is whole.
PATIENT = of(
    "asynchronous",
    "silent-until-the-delay-is-over",
    "other-pages-answer-at-once-meanwhile",
    "each-request-waits-from-its-own-start",
)
TIMELY = (*PATIENT, *of("asynchronous", "whole-when-the-delay-is-over", "requests-at-once-do-not-queue"))
WHOLE = of("asynchronous", "body-is-whole-and-framed", "quick-and-slow-answers-are-not-swapped")

#: What allows that a connection ends with an answer, and what does where the end was announced.
NEXT = "asynchronous/next-answer-follows-on-the-same-connection"
PIPELINED = "asynchronous/pipelined-answers-keep-their-order"
PERSISTS = "asynchronous/connection-persists-unless-its-end-is-announced"

#: What the hostile page is right about, as long as it can be read.
FIRST = "session-store/a-visit-without-the-cookie-is-the-first"


@hostile(because="still waited for", patience=2.0)
def never(scene: Scene) -> None:
    """The page never answers."""
    scene.take(lambda line: None)


@hostile(because="closed without one byte")
def closes(scene: Scene) -> None:
    """The page closes the connection without a word."""
    scene.take(Line.close)


@hostile(because="reset without one byte")
def resets(scene: Scene) -> None:
    """The page resets the connection without a word."""
    scene.take(lambda line: line.transport.abortConnection())


@hostile(*PATIENT, NEXT, because="reset|no count|Visit|ended after|surplus")
def resets_amid_an_answer(scene: Scene) -> None:
    """The connection is reset in the middle of the body."""

    def attack(line: Line) -> None:
        line.answer(LENGTH, body=BODY[:20])
        line.reset()

    scene.take(attack)


@hostile(because="cut short|not an HTTP answer: peer unexpectedly closed")
def closes_amid_a_header(scene: Scene) -> None:
    """The connection is closed in the middle of a field."""

    def attack(line: Line) -> None:
        line.say(b"HTTP/1.1 200 OK\r\nContent-Le")
        line.close()

    scene.take(attack)


@hostile(patience=2.0)
def one_byte_a_second(scene: Scene) -> None:
    """A right answer comes one byte a second."""
    answer = b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n\r\n" + BODY
    scene.take(lambda line: line.drip((bytes([byte]) for byte in answer), 1.0))


@hostile()
def one_byte_at_a_time(scene: Scene) -> None:
    """An endless body comes one byte at a time, as fast as it is read."""

    def attack(line: Line) -> None:
        line.transport.setTcpNoDelay(True)
        line.answer(b"Connection: close")
        line.flood(repeat(b"x"))

    scene.take(attack)


@hostile(because="not an HTTP answer|cut short")
def garbage(scene: Scene) -> None:
    """The answer is random bytes."""
    noise = random.Random(60).randbytes(4096)

    def attack(line: Line) -> None:
        line.say(noise)
        line.close()

    scene.take(attack)


@hostile(because="not an HTTP answer|more than")
def endless_garbage(scene: Scene) -> None:
    """The answer is random bytes without end."""
    noise = random.Random(60).randbytes(PIECE)
    scene.take(lambda line: line.flood(repeat(noise)))


@hostile(because="not an HTTP answer|more than")
def endless_field(scene: Scene) -> None:
    """One field of the answer never ends."""
    scene.take(lambda line: line.flood(chain([b"HTTP/1.1 200 OK\r\nX-Long: "], repeat(b"x" * PIECE))))


@hostile(because="a header of more than")
def endless_fields(scene: Scene) -> None:
    """The answer has field after field."""
    fields = b"".join(b"X-%d: %d\r\n" % (number, number) for number in range(4000))
    scene.take(lambda line: line.flood(chain([b"HTTP/1.1 200 OK\r\n"], repeat(fields))))


@hostile()
def endless_body(scene: Scene) -> None:
    """The body never ends."""
    scene.take(
        lambda line: line.flood(chain([b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", BODY], repeat(b"x" * PIECE)))
    )


@hostile(
    asked=(*ASKED, "asynchronous-deferred", "interrupted", *HONEST[2:]),
    honest=(),
)
def endless_everywhere(scene: Scene) -> None:
    """No body of any page ever ends."""
    paths = (*RAW, b"asynchronous-deferred", b"interrupted", b"timeouts", b"session", b"logme")
    scene.take(lambda line: line.flood(chain([b"HTTP/1.1 200 OK\r\n\r\n", BODY], repeat(b"x" * PIECE))), *paths)


@hostile()
def endless_chunks(scene: Scene) -> None:
    """The body comes in chunks of one byte, without end."""
    chunks = b"1\r\nx\r\n" * (PIECE // 6)
    scene.take(lambda line: line.flood(chain([b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"\r\n\r\n"], repeat(chunks))))


@hostile(*PATIENT)
def endless_chunk_size(scene: Scene) -> None:
    """The size of a chunk never ends."""
    scene.take(lambda line: line.flood(chain([b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"\r\n\r\n1;"], repeat(b"0" * PIECE))))


@hostile(*PATIENT, FIRST)
def endless_trailers(scene: Scene) -> None:
    """The last chunk is followed by fields without end."""
    begin = b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(BODY), BODY)
    scene.take(lambda line: line.flood(chain([begin], repeat(b"X-More: yes\r\n" * 5000))))


@hostile(because="more than 100 informational")
def endless_informational(scene: Scene) -> None:
    """The answer is announced again and again by informational ones (1xx), and never comes."""
    scene.take(lambda line: line.flood(repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000)))


@hostile(*TIMELY, *WHOLE, PERSISTS, FIRST)
def endless_answers(scene: Scene) -> None:
    """A right answer is followed by more of them, without end."""
    answer = b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n\r\n" + BODY
    scene.take(lambda line: line.flood(repeat(answer * 400)))


@hostile(*PATIENT, NEXT, FIRST)
def announces_too_much(scene: Scene) -> None:
    """The body is shorter than its length."""

    def attack(line: Line) -> None:
        line.answer(b"Content-Length: 1000000")
        line.close()

    scene.take(attack)


@hostile(patience=2.0)
def announces_and_waits(scene: Scene) -> None:
    """The body is shorter than its length, and nothing more happens."""
    scene.take(lambda line: line.answer(b"Content-Length: 1000000"))


@hostile(*TIMELY)
def announces_too_little(scene: Scene) -> None:
    """The body is longer than its length."""

    def attack(line: Line) -> None:
        line.answer(b"Content-Length: 10")
        line.close()

    scene.take(attack)


@hostile()
def announces_two_lengths(scene: Scene) -> None:
    """The answer has two different lengths."""

    def attack(line: Line) -> None:
        line.answer(LENGTH, b"Content-Length: 7")
        line.close()

    scene.take(attack)


@hostile()
def announces_no_number(scene: Scene) -> None:
    """The length is no number, but 5,000 digits and a minus."""

    def attack(line: Line) -> None:
        line.answer(b"Content-Length: -" + b"9" * 5000)
        line.close()

    scene.take(attack)


@hostile(*PATIENT, NEXT, FIRST)
def breaks_chunks(scene: Scene) -> None:
    """A chunk's size is no number."""

    def attack(line: Line) -> None:
        line.answer(CHUNKED, body=b"%x\r\n%s\r\nZZ\r\nxx\r\n0\r\n\r\n" % (len(BODY), BODY))
        line.close()

    scene.take(attack)


@hostile(*PATIENT, NEXT, FIRST)
def announces_a_huge_chunk(scene: Scene) -> None:
    """A chunk is said to have 2**64 - 1 bytes."""

    def attack(line: Line) -> None:
        line.answer(CHUNKED, body=b"FFFFFFFFFFFFFFFF\r\n" + BODY)
        line.close()

    scene.take(attack)


@hostile(patience=2.0, because="101")
def switches_protocols(scene: Scene) -> None:
    """The server changes to another protocol, unasked."""

    def attack(line: Line) -> None:
        line.answer(b"Upgrade: websocket", b"Connection: Upgrade", status=b"HTTP/1.1 101 Switching Protocols")

    scene.take(attack)


@hostile()
def speaks_another_version(scene: Scene) -> None:
    """The answer is one of HTTP/9.9, with the status 999999."""

    def attack(line: Line) -> None:
        line.answer(LENGTH, status=b"HTTP/9.9 999999 Whatever")
        line.close()

    scene.take(attack)


@hostile()
def bends_fields(scene: Scene) -> None:
    """Fields have no names, NULs, bare line feeds and folded lines."""

    def attack(line: Line) -> None:
        line.answer(LENGTH, b": nameless", b"X-Nul: a\0b", b"no colon", b"X-Folded: a\r\n b", b"X-Bare: a\nX-More: b")
        line.close()

    scene.take(attack)


@hostile(*TIMELY, NEXT)
def bomb(scene: Scene) -> None:
    """The body is a gzip bomb: 1 MB that becomes 1 GB."""
    _compressed(scene, gzip.compress(bytes(16 * 1024 * 1024), 9) * 64, b"gzip")


@hostile(*TIMELY, NEXT)
def bomb_in_a_bomb(scene: Scene) -> None:
    """The body is compressed twice: 64 KB that become 64 MB, and those 64 GB."""
    inner = gzip.compress(bytes(16 * 1024 * 1024), 9)
    _compressed(scene, gzip.compress(inner * 4000, 9), b"gzip, gzip")


@hostile(*TIMELY, *WHOLE, PIPELINED, NEXT, FIRST)
def says_gzip_and_sends_none(scene: Scene) -> None:
    """The body is said to be compressed, and is not."""
    _compressed(scene, BODY, b"gzip")


def _compressed(scene: Scene, body: bytes, coding: bytes) -> None:
    def attack(line: Line) -> None:
        line.answer(b"Content-Encoding: " + coding, b"Content-Length: %d" % len(body), body=body)
        line.close()

    scene.take(attack)


@hostile("asynchronous/whole-when-the-delay-is-over")
def redirects(scene: Scene) -> None:
    """A hundred redirects, each to the next."""
    hops = count()

    def attack(line: Line) -> None:
        path = line.request.path.decode()
        line.answer(f"Location: {path}?hop={next(hops)}".encode(), LENGTH, status=b"HTTP/1.1 302 Found")
        line.close()

    scene.take(attack)


@hostile("asynchronous/whole-when-the-delay-is-over")
def redirects_elsewhere(scene: Scene) -> None:
    """A redirect to another host, which counts who comes."""

    def attack(line: Line) -> None:
        elsewhere = f"Location: http://127.0.0.2:{os.environ.get('WEB60_TEST_ELSEWHERE', '9')}/".encode()
        line.answer(elsewhere, b"Refresh: 0; url=" + elsewhere[10:], LENGTH, status=b"HTTP/1.1 302 Found")
        line.close()

    scene.take(attack)


@hostile(because="a header of more than")
def sets_many_cookies(scene: Scene) -> None:
    """A right answer sets 10,000 cookies."""
    cookies = [b"Set-Cookie: c%d=v" % number for number in range(10_000)]

    def attack(line: Line) -> None:
        line.answer(LENGTH, *cookies)
        line.close()

    scene.take(attack)


@hostile(*TIMELY, *WHOLE, PIPELINED, NEXT, FIRST)
def is_not_ascii(scene: Scene) -> None:
    """Reason, fields, cookies and body are bytes beyond ASCII, in no encoding."""
    noise = bytes(range(0x80, 0x100))

    def attack(line: Line) -> None:
        line.answer(
            b"X-Noise: " + noise,
            b"Set-Cookie: " + noise + b"=" + noise + b"; Path=/" + noise,
            b"Set-Cookie: session=" + noise,
            b"Content-Type: text/html; charset=" + noise,
            b"Server: " + noise,
            b"Content-Length: %d" % (len(BODY) + len(noise)),
            body=noise + BODY,
            status=b"HTTP/1.1 200 " + noise,
        )
        line.close()

    scene.take(attack)
