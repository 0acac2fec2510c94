"""
Static content: the files of a directory, exactly as they stand there.
"""

import os
import socket

from harness import MAY, MUST, SHOULD, NotObservable, gather, rfc, spec, tutorial
from specs.facts import fields, steady
from specs.static_files import (
    CLIENT_ERRORS,
    content,
    directory_of_our_own,
    put,
    resize,
    served_from_here,
)

SERVES = tutorial("static-content", "how to serve static content from a filesystem")
TYPE = rfc(9110, "8.3", "indicates the media type of the associated representation")
LENGTH = rfc(9110, "8.6", "refers specifically to the amount of data enclosed")
NO_LENGTH = rfc(9110, "8.6", "known to be incorrect")
SAME_FIELDS = rfc(9110, "9.3.2", "SHOULD send the same header fields in response to a HEAD request")
HEAD_LENGTH = rfc(9110, "8.6", "if the same request had used the GET method")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
IN_ORDER = rfc(9112, "9.3.2", "in the same order that the requests were received")
NOT_FOUND = rfc(9110, "15.5.5", "did not find a current representation for the target resource")
NOT_ALLOWED = rfc(9110, "15.5.6", "not supported by the target resource")
ALLOW = rfc(9110, "15.5.6", "The origin server MUST generate an Allow header field in a 405 response")
QUERY = rfc(9110, "4.1")
CURRENT = rfc(9110, "9.3.1", "requests transfer of a current selected representation for the target resource")
INCOMPLETE = rfc(9112, "8", "is incomplete if the size of the message body received")

#: Types that servers agree on, by the ending of a name.
TYPES = {"page.html": ("text/html",), "plain.txt": ("text/plain",), "picture.png": ("image/png",)}

#: Those that are as well known, and that a server may yet have to be told of.
MORE_TYPES = {
    "style.css": ("text/css",),
    "script.js": ("text/javascript", "application/javascript", "application/x-javascript"),
    "data.json": ("application/json",),
    "picture.svg": ("image/svg+xml",),
}

#: Bytes of a file that no buffer on the way holds whole (Linux lets a socket's grow to 6 MB), so that it is still
#: being sent while the reader waits.
LONG = 16 * 1024 * 1024

#: Seconds within which every server sees that a file was changed.
SOON = 5.0

#: The most that a spec reads that asks for it.
READS = 2 * LONG


def media_type(answer):
    """The type of an answer, without its parameters."""
    return (answer.fields.get("content-type") or "").partition(";")[0].strip().lower()


async def exact(wire, page, name):
    """A file comes byte by byte as it stands on the disk."""
    answer = await wire.get(page.path + name)

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert answer.body == content(name)


@spec("static-content/a-text-file-comes-as-it-is", MUST, SERVES)
async def test_a_text_file_comes_as_it_is(page, wire):
    """
    A text file is answered with its bytes.

    Sends:      one GET of plain.txt.
    Observes:   the status, and that the body is the file.
    Look at:    the directory that the server was given: it is the one called `static` in what `web60 assets` writes.
    """
    await exact(wire, page, "plain.txt")


@spec("static-content/every-byte-value-comes-as-it-is", MUST, SERVES)
async def test_every_byte_value_comes_as_it_is(page, wire):
    """
    A file that is no text is answered with its bytes, whatever they are.

    Sends:      one GET of digits.bin, which has all 256 byte values, four times over.
    Observes:   the status, and that the body is the file.
    Look at:    text modes, line ends and encodings: the file is to be opened as bytes.
    """
    await exact(wire, page, "digits.bin")


@spec("static-content/an-empty-file-is-an-empty-answer", MUST, SERVES)
async def test_an_empty_file_is_an_empty_answer(page, wire):
    """
    A file without a byte is there, and is answered with 200 and nothing.

    Sends:      one GET of empty.txt.
    Observes:   the status, and that the answer ends without a body.
    Look at:    a length of zero taken for none; a producer that waits for a first byte to send.
    """
    await exact(wire, page, "empty.txt")


@spec("static-content/a-file-longer-than-a-buffer-comes-whole", MUST, SERVES)
async def test_a_file_longer_than_a_buffer_comes_whole(page, wire):
    """
    A file that is sent in several pieces arrives whole and in order.

    Sends:      one GET of large.txt: 344,064 bytes, whose lines are numbered.
    Observes:   the status, and that the body is the file.
    Look at:    the seam between two pieces; the last piece, which is shorter.
    """
    await exact(wire, page, "large.txt")


@spec("static-content/the-length-is-that-of-the-file", MUST, LENGTH)
async def test_the_length_is_that_of_the_file(page, wire):
    """
    Where the length of a file is announced, it is the number of its bytes.

    Sends:      GETs of an empty file, of a short one and of a long one.
    Observes:   Content-Length.
    Differs:    a server may send chunks, or end with the connection, and announce no length.
    Look at:    a length that counts characters, or was remembered.
    """
    for name in ("empty.txt", "digits.bin", "large.txt"):
        answer = await wire.get(page.path + name)
        assert answer.fields.get("content-length") in (None, str(len(content(name)))), f"the length of {name}"


@spec("static-content/the-length-of-a-file-is-announced", SHOULD, rfc(9110, "8.6", "SHOULD send a Content-Length"))
async def test_the_length_of_a_file_is_announced(page, wire):
    """
    The size of a file is known before it is sent, and so is announced.

    Sends:      one GET of large.txt.
    Observes:   Content-Length.
    Look at:    a framework that cuts every answer into chunks: nobody sees how far a download is.
    """
    answer = await wire.get(page.path + "large.txt")

    assert answer.fields.get("content-length") == str(len(content("large.txt")))


@spec("static-content/a-query-changes-nothing", MUST, QUERY)
async def test_a_query_changes_nothing(page, wire):
    """
    A file has no use for a query: it is the same file with any.

    Sends:      GETs of plain.txt with several queries, one of which looks like a path.
    Observes:   that each is answered with the file.
    Look at:    where the query is cut off: before the path is made a name, and at the first question mark.
    """
    for query in ("?", "?a=1", "?v=2?3", "?/../page.html", "?%2F"):
        answer = await wire.get(page.path + "plain.txt" + query)
        assert answer.status == 200, f"plain.txt{query} was answered with {answer.status}"
        assert answer.body == content("plain.txt")


@spec("static-content/well-known-endings-have-their-types", MUST, TYPE)
async def test_well_known_endings_have_their_types(page, wire):
    """
    A name that ends in .html, .txt or .png is served as what it is.

    Sends:      GETs of page.html, plain.txt and picture.png.
    Observes:   Content-Type, without its parameters.
    Differs:    some add a charset to text.
    Look at:    the server's table of types, which some keep in a file of its own (mime.types).
    """
    for name, types in TYPES.items():
        assert media_type(await wire.get(page.path + name)) in types, f"the type of {name}"


@spec("static-content/endings-of-the-web-have-their-types", SHOULD, TYPE)
async def test_endings_of_the_web_have_their_types(page, wire):
    """
    Styles, scripts, JSON and SVG have types by which browsers take them.

    Sends:      GETs of style.css, script.js, data.json and picture.svg.
    Observes:   Content-Type, without its parameters.
    Differs:    scripts have had several types; RFC 9239 has come back to text/javascript.
    Look at:    a table of types that is older than the endings: the operating system's, in many servers.
    """
    for name, types in MORE_TYPES.items():
        assert media_type(await wire.get(page.path + name)) in types, f"the type of {name}"


@spec("static-content/which-type-a-file-has", MAY, TYPE)
async def test_which_type_a_file_has(page, wire, target, facts):
    """
    Which type and coding a name is given, is a fact: also where nothing is known of it.

    Sends:      GETs of a dozen files.
    Observes:   Content-Type and Content-Encoding.
    Differs:    what nobody knows is text/html to Twisted, text/plain to nginx as Debian has it, and
                application/octet-stream to most; a .gz is its content, packed (Content-Encoding), or a thing of its
                own (application/gzip).
    """
    names = (*TYPES, *MORE_TYPES, "digits.bin", "unknown.web60", "no-extension", "packed.txt.gz", "empty.txt")
    for name in names:
        answer = await wire.get(page.path + name)
        facts[name] = [steady(answer.fields.get(field) or "", target) for field in ("content-type", "content-encoding")]


@spec("static-content/head-has-no-body", MUST, NO_CONTENT)
async def test_head_has_no_body(target, page, wire):
    """
    HEAD of a file brings its fields and not one byte of it.

    Sends:      in one piece, a HEAD of large.txt and a GET of `ping`.
    Observes:   that the answer to `ping`, if there is one, follows the fields at once.
    Differs:    a server may close the connection after the first answer.
    Look at:    a file that is sent whatever the method is.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("HEAD", page.path + "large.txt") + wire.bytes_of("GET", target.alive.path))
    first = await conversation.answer(method="HEAD")
    second = await conversation.answer_if_any(method="GET")

    assert first.status == 200
    assert first.body == b""
    if second is None:
        assert conversation.received == first.raw
    else:
        assert second.status == target.alive.status
        assert b"line 000000" not in second.raw


@spec("static-content/the-length-that-head-tells-is-right", MUST, HEAD_LENGTH)
async def test_the_length_that_head_tells_is_right(page, wire):
    """
    Where HEAD of a file tells a length, it is that of the file.

    Sends:      HEADs of an empty file, of a short one and of a long one.
    Observes:   Content-Length.
    Differs:    a server may leave it out.
    Look at:    the length of the body that was sent, which is none, in place of that of the file.
    """
    for name in ("empty.txt", "digits.bin", "large.txt"):
        answer = await wire.head(page.path + name)
        assert answer.status == 200
        assert answer.fields.get("content-length") in (None, str(len(content(name)))), f"the length of {name}"


@spec("static-content/head-has-the-fields-of-get", SHOULD, SAME_FIELDS)
async def test_head_has_the_fields_of_get(page, wire):
    """
    HEAD of a file says all that GET says of it.

    Sends:      a GET and a HEAD of digits.bin.
    Observes:   the fields of both that are about the file; Date and those of the connection are not.
    Look at:    a HEAD that is answered before the file has been looked at.
    """
    about = ("content-type", "content-length", "content-encoding", "last-modified", "etag", "accept-ranges")
    got, asked = [await wire.request(method, page.path + "digits.bin") for method in ("GET", "HEAD")]

    for name in about:
        assert asked.fields.get(name) == got.fields.get(name), f"{name} of HEAD"


@spec("static-content/pipelined-files-come-in-order", MUST, IN_ORDER)
async def test_pipelined_files_come_in_order(page, wire):
    """
    Several files that are asked for at once on one connection come one after the other, whole.

    Sends:      in one piece, GETs of large.txt, plain.txt, empty.txt and digits.bin.
    Observes:   the answers, as far as they come: each is its own file.
    Differs:    a server may close the connection after any answer.
    Look at:    a small file that overtakes a large one, which is still being read.
    """
    names = ("large.txt", "plain.txt", "empty.txt", "digits.bin")
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of("GET", page.path + name) for name in names))

    for number, name in enumerate(names):
        answer = await conversation.answer_if_any(method="GET")
        if answer is None:
            assert number > 0, "the connection was closed without one answer"
            break
        assert answer.status == 200
        assert answer.body == content(name), f"not {name}"


@spec("static-content/files-at-once-are-not-mixed-up", MUST, SERVES)
async def test_files_at_once_are_not_mixed_up(target, page, wire):
    """
    Files that are asked for at the same time on several connections each come whole, to whoever asked.

    Sends:      at once, GETs of four files, each on up to two connections of its own (`parallel`).
    Observes:   the bodies.
    Look at:    an open file, or a buffer, that two requests share.
    """
    names = ("large.txt", "digits.bin", "page.html", "large.txt", "plain.txt", "empty.txt", "large.txt", "digits.bin")
    names = names[: target.parallel]
    answers = await gather(*(wire.get(page.path + name) for name in names))

    for name, answer in zip(names, answers, strict=True):
        assert answer.complete, answer.problem
        assert answer.body == content(name), f"not {name}"


@spec("static-content/a-missing-file-is-not-found", MUST, NOT_FOUND)
async def test_a_missing_file_is_not_found(page, wire):
    """
    What is not there is not found, in a directory that is there and in one that is not.

    Sends:      GETs of names that no file has, one of them below a file's directory and one below none.
    Observes:   404.
    Look at:    a page for everything that is not found (single-page applications want one), with 200.
    """
    for name in ("missing", "missing.txt", "sub/missing.txt", "missing/missing.txt", "plain", "lain.txt", "plain.txt2"):
        answer = await wire.get(page.path + name)
        assert answer.status == 404, f"{name} was answered with {answer.status}"


@spec("static-content/what-is-said-of-a-missing-file", MAY, NOT_FOUND)
async def test_what_is_said_of_a_missing_file(target, page, wire, facts):
    """
    What a server says of a file that is not there.

    Sends:      a GET and a HEAD of a missing file.
    Observes:   status, reason, fields and body.
    """
    for method in ("GET", "HEAD"):
        answer = await wire.request(method, page.path + "missing.txt")
        facts[f"{method} of a missing file"] = {
            "status": answer.status,
            "reason": steady(answer.reason, target),
            "fields": fields(answer, target),
            "body": steady(answer.body, target),
        }


@spec("static-content/what-is-said-of-a-file", MAY, SERVES)
async def test_what_is_said_of_a_file(target, page, wire, facts):
    """
    What a server says of a file beside its content.

    Sends:      GETs of plain.txt by HTTP/1.1 and HTTP/1.0, and a HEAD.
    Observes:   status, reason, fields in their order, and framing.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path + "plain.txt").replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n"))
    answers = {
        "GET": await wire.get(page.path + "plain.txt"),
        "HEAD": await wire.head(page.path + "plain.txt"),
        "GET by HTTP/1.0": await conversation.answer(method="GET"),
    }
    for name, answer in answers.items():
        facts[name] = {
            "reason": steady(answer.reason, target),
            "fields": fields(answer, target),
            "framing": answer.framing,
        }
        assert answer.status == 200


@spec("static-content/other-methods-are-refused", SHOULD, NOT_ALLOWED)
async def test_other_methods_are_refused(page, wire):
    """
    A file can be had, and nothing else can be done with it.

    Sends:      POST, PUT, PATCH, DELETE of plain.txt, each with a short body, and an unknown method.
    Observes:   405 or 501, or another 4xx for what is no method of HTTP; that the server answers its ping afterwards.
    Differs:    405 where the method is known, 501 where it is not; lighttpd answers POST like GET.
    Look at:    a method that nobody has thought of, and that is answered like GET.
    """
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await wire.request(method, page.path + "plain.txt", body=b"changed")
        assert answer.status in (403, 405, 501), f"{method} was answered with {answer.status}"
    unknown = await wire.request("BREW", page.path + "plain.txt")
    assert unknown.status in (400, 403, 405, 501)
    await wire.ping()


@spec("static-content/no-method-changes-a-file", MUST, SERVES)
async def test_no_method_changes_a_file(page, wire):
    """
    Whatever is asked of a server of files, its files stay as they are.

    Sends:      PUT, POST, PATCH and DELETE of plain.txt, PUT of a name that is not there, then GETs of both.
    Observes:   the file as it was, and none by the other name.
    Look at:    a module for WebDAV, switched on for the whole server.
    """
    for method in ("PUT", "POST", "PATCH", "DELETE"):
        await wire.request(method, page.path + "plain.txt", body=b"changed")
    await wire.request("PUT", page.path + "put-by-web60.txt", body=b"put")

    kept = await wire.get(page.path + "plain.txt")
    made = await wire.get(page.path + "put-by-web60.txt")
    assert kept.status == 200
    assert kept.body == content("plain.txt")
    assert made.status == 404


@spec("static-content/what-is-allowed-is-said", SHOULD, ALLOW)
async def test_what_is_allowed_is_said(page, wire):
    """
    Who answers 405 says which methods are allowed, GET among them.

    Sends:      POST, PUT and DELETE of plain.txt.
    Observes:   Allow of the answers with 405.
    Differs:    who answers something else owes no Allow; nginx answers 405 without one.
    Look at:    an error page that is made where nobody knows the resource.
    """
    for method in ("POST", "PUT", "DELETE"):
        answer = await wire.request(method, page.path + "plain.txt", body=b"changed")
        if answer.status == 405:
            allowed = {name.strip() for name in (answer.fields.get("allow") or "").split(",")}
            assert "GET" in allowed, f"405 to {method} allows {sorted(allowed)}"


@spec("static-content/how-other-methods-are-answered", MAY, NOT_ALLOWED)
async def test_how_other_methods_are_answered(target, page, wire, facts):
    """
    What becomes of each method that a file has no use for.

    Sends:      OPTIONS, POST, PUT, PATCH, DELETE, TRACE and unknown methods of plain.txt, and OPTIONS of a directory.
    Observes:   statuses, reasons, and Allow.
    """
    for method in ("OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW", "get"):
        answer = await wire.request(method, page.path + "plain.txt", fields=[("Content-Length", "0")])
        facts[method] = [answer.status, steady(answer.reason, target), answer.fields.get("allow")]
    answer = await wire.request("OPTIONS", page.path, fields=[("Content-Length", "0")])
    facts["OPTIONS of the directory"] = [answer.status, answer.fields.get("allow")]


# Files that change.


@spec("static-content/an-edit-is-seen-before-long", MUST, CURRENT, witnesses=("files",), lasts=lambda _: SOON)
async def test_an_edit_is_seen_before_long(target, page, wire, clock):
    """
    An edit of a file is seen without a restart: the whole of what it says now, and nothing else any more.

    Sends:      GETs of a file that we made; when it is replaced by a longer one, twice a second until that comes, and
                one more then.
    Observes:   the new file within five seconds, and still afterwards.
    Tolerance:  five seconds: some servers look only every one or two whether a file is what it was.
    Look at:    files that are read when the server starts, or kept once they were read.
    """
    first, later = b"first", b"the second, which is longer"
    with directory_of_our_own(target) as directory:
        file, path = directory / "edited.txt", f"{page.path}{directory.name}/edited.txt"
        put(file, first, age=100)
        await served_from_here(wire, path)
        before = await wire.get(path)
        put(file, later, age=50)
        for _ in range(int(2 * SOON)):
            if (await wire.get(path)).body == later:
                break
            await clock.sleep(0.5, "an edit to be seen")
        after = await wire.get(path)

    assert before.body == first
    assert after.body == later


@spec("static-content/an-edited-file-is-served-anew", SHOULD, CURRENT, witnesses=("files",))
async def test_an_edited_file_is_served_anew(target, page, wire):
    """
    Who edits a file sees the change at the next request: another content, another length.

    Sends:      GETs of a file that we made: as it was, longer, shorter, of the same length, and empty.
    Observes:   each body, and the length that was announced.
    Differs:    lighttpd looks once a second only how long a file is, and for that time sends the new file with the
                length of the old one.
    Look at:    a cache of files or of their sizes that nobody tells of a change.
    """
    with directory_of_our_own(target) as directory:
        file = directory / "edited.txt"
        path = f"{page.path}{directory.name}/{file.name}"
        for number, words in enumerate((b"first", b"the second, longer", b"3rd", b"4th", b"")):
            put(file, words, age=100 - 10 * number)
            if number == 0:
                await served_from_here(wire, path)
            answer = await wire.get(path)
            assert answer.complete, answer.problem
            assert answer.body == words


@spec("static-content/a-file-that-vanishes-is-not-found", SHOULD, NOT_FOUND, witnesses=("files",))
async def test_a_file_that_vanishes_is_not_found(target, page, wire):
    """
    A file that was there, and is no more, is not found; one that comes is found.

    Sends:      a GET of a name before there is such a file, while it is there, and afterwards.
    Observes:   404, 200 with the file, 404.
    Differs:    lighttpd remembers for a second what was there.
    Look at:    a cache that remembers what is there, or what is not.
    """
    with directory_of_our_own(target) as directory:
        there, file = directory / "there.txt", directory / "comes-and-goes.txt"
        put(there, b"there")
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + there.name)
        before = await wire.get(path + file.name)
        put(file, b"here")
        meanwhile = await wire.get(path + file.name)
        file.unlink()
        after = await wire.get(path + file.name)

    assert before.status == 404
    assert meanwhile.body == b"here"
    assert after.status == 404


@spec("static-content/how-a-closed-file-is-answered", MAY, rfc(9110, "15.5.4"), witnesses=("files",))
async def test_how_a_closed_file_is_answered(target, page, wire, facts):
    """
    What becomes of a request for a file that the server may not read.

    Sends:      a GET of a file that we made, without any permission.
    Observes:   the status.
    Differs:    a server that runs as root reads it all the same.
    """
    with directory_of_our_own(target) as directory:
        file, there = directory / "closed.txt", directory / "there.txt"
        put(there, b"there")
        put(file, b"closed")
        file.chmod(0)
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + there.name)
        answer = await wire.get(path + file.name)
    await wire.ping()

    facts["a file without permissions"] = answer.status


@spec("static-content/what-is-no-file-is-refused", SHOULD, NOT_FOUND, witnesses=("files",))
async def test_what_is_no_file_is_refused(target, page, wire):
    """
    What stands in the directory and can be opened by nobody is refused: that is no mistake of the server's.

    Sends:      a GET of a socket that we made.
    Observes:   4xx; that the server answers its ping afterwards.
    Differs:    403 or 404; nginx answers 500.
    Look at:    an error of opening that is none of those that were thought of (ENXIO).
    """
    with directory_of_our_own(target) as directory, socket.socket(socket.AF_UNIX) as stands:
        put(directory / "there.txt", b"there")
        try:
            stands.bind(os.fspath(directory / "socket.txt"))
        except OSError as wrong:
            message = f"no socket can stand among the files: {wrong}"
            raise NotObservable(message) from None
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        answer = await wire.get(path + "socket.txt")
    await wire.ping()

    assert answer.status in CLIENT_ERRORS


@spec(
    "static-content/a-slow-reader-holds-up-nobody",
    MUST,
    tutorial("asynchronous", "leaving the server free to respond to other requests"),
    witnesses=("files",),
    reads=READS,
)
async def test_a_slow_reader_holds_up_nobody(target, page, wire):
    """
    While a client does not read on, others are served; and when it does, it gets all that is left.

    Sends:      a GET of a file of 16 MiB that we made, of which nothing is read; meanwhile GETs of large.txt and of
                `ping` on other connections; then the rest is read.
    Observes:   the files, each exact.
    Look at:    writing that waits for the reader; a whole file in memory for each who reads.
    """
    if target.parallel < 2:
        message = f"[server] parallel = {target.parallel}: it takes two requests at once to see this"
        raise NotObservable(message)
    with directory_of_our_own(target) as directory:
        path = long_file(directory, page)
        await served_from_here(wire, f"{page.path}{directory.name}/there.txt")
        slow = await wire.open()
        slow.pause()
        slow.request("GET", path)
        quick = await wire.get(page.path + "large.txt")
        await wire.ping()
        slow.resume()
        answer = await slow.answer()

    assert quick.body == content("large.txt")
    assert answer.complete, answer.problem
    assert len(answer.body) == LONG
    assert answer.body.count(0) == LONG


def long_file(directory, page):
    """Make a file of `LONG` zeros, which takes no place on the disk, beside a short one; its path."""
    put(directory / "there.txt", b"there")
    file = directory / "long.bin"
    put(file, b"")
    resize(file, LONG)
    return f"{page.path}{directory.name}/{file.name}"


@spec("static-content/a-file-that-grows-keeps-to-its-length", MUST, NO_LENGTH, witnesses=("files",), reads=READS)
async def test_a_file_that_grows_keeps_to_its_length(target, page, wire):
    """
    A file that grows while it is sent, as logs do, does not run over the length that was announced.

    Sends:      a GET of a file of 16 MiB that we made; when its first bytes are there, nothing more is read, the file
                grows by half a megabyte, and the rest is read; then, where the connection stays, a GET of `ping` on it.
    Observes:   that the answer ends where it said, and is followed by the answer to `ping` and nothing else.
    Differs:    chunks have no length to keep to, and may bring what was added.
    Look at:    reading to the end of the file, wherever that is by now, behind a Content-Length: what is too much is
                taken for the next answer.
    """
    with directory_of_our_own(target) as directory:
        path = long_file(directory, page)
        await served_from_here(wire, f"{page.path}{directory.name}/there.txt")
        conversation = await wire.open()
        conversation.request("GET", path)
        await conversation.first_byte()
        conversation.pause()
        resize(directory / "long.bin", LONG + 500_000)
        conversation.resume()
        answer = await conversation.answer()
        stays = answer.framing != "close" and "close" not in (answer.fields.get("connection") or "").lower()
        following = None
        if stays and answer.version != b"1.0" and not conversation.is_gone:
            conversation.request("GET", target.alive.path)
            following = await conversation.answer_if_any()

    assert answer.complete, answer.problem
    if answer.framing == "length":
        assert len(answer.body) == int(answer.fields.get("content-length"))
    if following is not None:
        assert following.status == target.alive.status


@spec("static-content/a-file-that-shrinks-is-cut-short", SHOULD, INCOMPLETE, witnesses=("files",), reads=READS)
async def test_a_file_that_shrinks_is_cut_short(target, page, wire):
    """
    Where a file ends before its announced length is sent, the connection ends too: who waits for the rest learns that
    it will not come.

    Sends:      a GET of a file of 16 MiB that we made; when its first bytes are there, nothing more is read, the file
                is cut to nothing, and the rest is read.
    Observes:   an answer that is whole (the server had read all of it), or visibly cut short, before our deadline; that
                the server answers its ping afterwards.
    Look at:    a length that is not kept, on a connection that stays: the client waits for ever, or takes the next
                answer for the rest; a loop that goes on reading at the end of the file.
    """
    with directory_of_our_own(target) as directory:
        path = long_file(directory, page)
        await served_from_here(wire, f"{page.path}{directory.name}/there.txt")
        conversation = await wire.open()
        conversation.request("GET", path)
        await conversation.first_byte()
        conversation.pause()
        resize(directory / "long.bin", 0)
        conversation.resume()
        answer = await conversation.answer()
    await wire.ping()

    assert answer.status == 200
    if answer.framing == "length":
        assert answer.complete == (len(answer.body) == int(answer.fields.get("content-length")))


@spec("static-content/leaving-in-the-middle-harms-nobody", MUST, SERVES, witnesses=("files",), reads=READS)
async def test_leaving_in_the_middle_harms_nobody(target, page, wire):
    """
    Clients that leave in the middle of a file take nothing with them.

    Sends:      eight times (`parallel`) a GET of a file of 16 MiB that we made; each is reset, or closed, when its
                first bytes are there; then a GET of large.txt.
    Observes:   that large.txt comes whole, and that the server answers its ping.
    Look at:    a file that is read on for nobody; a producer that nobody stops.
    """
    with directory_of_our_own(target) as directory:
        path = long_file(directory, page)
        await served_from_here(wire, f"{page.path}{directory.name}/there.txt")
        conversations = await wire.open_many(min(8, target.parallel))
        for conversation in conversations:
            conversation.request("GET", path)
        for number, conversation in enumerate(conversations):
            await conversation.first_byte()
            conversation.pause()
            if number % 2:
                conversation.abort()
            else:
                conversation.close()
        answer = await wire.get(page.path + "large.txt")
    await wire.ping()

    assert answer.body == content("large.txt")


@spec("static-content/a-very-long-name-is-the-clients-error", SHOULD, NOT_FOUND)
async def test_a_very_long_name_is_the_clients_error(page, wire):
    """
    A name that no disk can hold is not found, which is no mistake of the server's.

    Sends:      GETs of names of 300 and of 3,000 letters, and of 500 directories in each other.
    Observes:   4xx for each; that the server answers its ping afterwards.
    Differs:    404, 400 or 414.
    Look at:    the error that the operating system gives for it: ENAMETOOLONG, which is not ENOENT.
    """
    for name in ("x" * 300, "x" * 3000, "x/" * 500 + "x"):
        answer = await wire.get(page.path + name)
        assert answer.status in CLIENT_ERRORS, f"{len(name)} letters were answered with {answer.status}"
    await wire.ping()
