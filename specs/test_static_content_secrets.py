"""
Static content: nothing outside the directory is ever shown, however it is asked for.
"""

from harness import MUST, SHOULD, rfc, spec
from specs.static_files import CLIENT_ERRORS, USERS, content

UP = rfc(9110, "17.3", 'operating systems use ".." as a path component')
SPECIAL = rfc(9110, "17.3", "avoid accessing names that have a special significance to the system")
FRIENDLY = rfc(9110, "17.3", "prefer user-friendliness over security when handling invalid or unexpected characters")

#: As many levels as no directory of anybody's is deep.
DEEP = 12

#: Beside the directory that is served; its name begins like that directory's.
SECRET = "static-secret.txt"  # noqa: S105 - a file, not a password

#: Files outside, from the directory that is served: what is beside it, and what every Unix has.
BESIDE = (SECRET, "application.py", "cgi-bin/variables.sh")
ABOVE = "etc/passwd"


async def secrets(wire, page):
    """
    What must not be seen: the suite's own files beside the directory, and the file of users.

    Who serves all of our assets serves those files, too, where they stand: they are no secrets then.
    """
    parent = page.path.rstrip("/").rpartition("/")[0]
    hidden = []
    for name in BESIDE:
        data = content(name, page="")
        answer = await wire.get(f"{parent}/{name}")
        if data not in answer.body:
            hidden.append(data)
    return hidden


async def kept(wire, page, *starts, up, below=("", "sub/")):
    """
    None of these ways up shows what stands outside; the server answers its ping afterwards.

    `up` goes one level up and `starts` stands before it; each is tried once, and often enough for the root.
    """
    hidden = await secrets(wire, page)
    for start in (*starts, *below):
        for step in up:
            ways = [start + step * (1 + (start == "sub/")) + name for name in BESIDE]
            ways += [start + step * DEEP + ABOVE]
            for way in ways:
                await looks_in(wire, page.path + way, hidden)
    await wire.ping()


async def looks_in(wire, path, hidden):
    """The answer at a path has nothing of what is hidden."""
    conversation = await wire.open()
    # As it stands: a path of the profile would have its braces filled in, and can hold no byte beyond ASCII.
    host = wire.address.authority
    base = wire.address.base if path.startswith("/") else ""
    conversation.send(f"GET {base}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1"))
    answer = await conversation.answer_if_any()
    conversation.close()
    if answer is not None:
        seen = [data for data in hidden if data and data in answer.body]
        assert not seen, f"{path} shows what stands outside: {seen[0][:40]!r}"
        found = USERS.search(answer.body)
        assert found is None, f"{path} shows the file of users"
    return answer


@spec("static-content/dot-segments-lead-nowhere-outside", MUST, UP)
async def test_dot_segments_lead_nowhere_outside(page, wire):
    """
    No number of `..` in a path leads out of the directory.

    Sends:      GETs of the files beside the directory and of /etc/passwd by `../`, as often as it takes and more, from
                the directory and from one below.
    Observes:   that none of those files is shown, whatever is; that the server answers its ping afterwards.
    Differs:    400, 403, 404, or what the path means once its dots are taken out: a server that serves the files beside
                the directory at that address is right to show them.
    Look at:    how a path becomes a name: joined, and never checked; checked by how it begins, which "static-secret"
                does as "static" does.
    """
    await kept(wire, page, up=("../", "./../", "..//", ".././"))


@spec("static-content/escaped-dots-lead-nowhere-outside", MUST, UP)
async def test_escaped_dots_lead_nowhere_outside(page, wire):
    """
    Dots and slashes that are escaped lead no further than those that are not.

    Sends:      the same with `%2e%2e/`, `..%2f`, `%2e%2e%2f`, `.%2e/` and `%2E%2E%2F`.
    Observes:   that none of those files is shown; that the server answers its ping afterwards.
    Look at:    a check that is made before the path is decoded.
    """
    await kept(wire, page, up=("%2e%2e/", "..%2f", "%2e%2e%2f", ".%2e/", "%2E%2E%2F"))


@spec("static-content/dots-escaped-twice-lead-nowhere-outside", MUST, FRIENDLY)
async def test_dots_escaped_twice_lead_nowhere_outside(page, wire):
    """
    Dots that are escaped twice, or in ways that no standard knows, lead nowhere either.

    Sends:      the same with `%252e%252e%252f`, `..%252f`, overlong UTF-8 (`%c0%ae`, `%c0%af`), `%u002e`, full-width
                dots and slashes.
    Observes:   that none of those files is shown; that the server answers its ping afterwards.
    Look at:    decoding twice; a decoder that forgives.
    """
    ways = ("%252e%252e%252f", "..%252f", "%c0%ae%c0%ae%c0%af", "..%c0%af", "%u002e%u002e%u2215", "%ef%bc%8e%ef%bc%8e/")
    await kept(wire, page, up=ways)


@spec("static-content/backslashes-lead-nowhere-outside", MUST, UP)
async def test_backslashes_lead_nowhere_outside(page, wire):
    r"""
    A backslash is no slash, or at least none that leads out.

    Sends:      the same with `..\`, `..%5c` and `%2e%2e%5c`.
    Observes:   that none of those files is shown; that the server answers its ping afterwards.
    Look at:    backslashes that are made slashes after the path was checked.
    """
    await kept(wire, page, up=("..\\", "..%5c", "%2e%2e%5c", "..%5C"))


@spec("static-content/a-nul-hides-nothing", MUST, SPECIAL)
async def test_a_nul_hides_nothing(page, wire):
    """
    A NUL in a path ends no name, and nothing behind it hides what stands before it.

    Sends:      the same with a NUL behind the dots, and behind the name with an ending that looks harmless.
    Observes:   that none of those files is shown; that the server answers its ping afterwards.
    Look at:    a name that is checked as a string with a length, and opened as one that ends at a NUL.
    """
    await kept(wire, page, up=("..%00/", "%00../", "../%00", "..%2f%00"))
    hidden = await secrets(wire, page)
    for name in (f"../{SECRET}%00.html", f"..%2f{SECRET}%00", "../" * DEEP + ABOVE + "%00.txt", f"{ABOVE}%00/../.."):
        await looks_in(wire, page.path + name, hidden)
    await wire.ping()


@spec("static-content/absolute-names-lead-nowhere-outside", MUST, SPECIAL)
async def test_absolute_names_lead_nowhere_outside(page, wire):
    """
    A name that is absolute on the disk does not leave the directory either.

    Sends:      GETs of /etc/passwd behind the directory's path: with two slashes, an escaped slash, `file:`, a tilde.
    Observes:   that it is not shown; that the server answers its ping afterwards.
    Look at:    functions that join paths and take an absolute one as it is (os.path.join, in Python).
    """
    hidden = await secrets(wire, page)
    for name in (
        f"/{ABOVE}",
        f"//{ABOVE}",
        f"%2f{ABOVE}",
        f"%2F%2f{ABOVE}",
        f"sub/%2f{ABOVE}",
        f"sub//{ABOVE}",
        f"file:///{ABOVE}",
        "~root/.profile",
        "%2fetc%2fpasswd",
        "%5cetc%5cpasswd",
    ):
        await looks_in(wire, page.path + name, hidden)
    for path in (f"/../{ABOVE}", "/../" * DEEP + ABOVE, f"//../{ABOVE}", "/%2e%2e/" * DEEP + ABOVE):
        await looks_in(wire, path, hidden)
    await wire.ping()


@spec("static-content/an-absolute-target-leads-nowhere-outside", MUST, UP)
async def test_an_absolute_target_leads_nowhere_outside(target, page, wire):
    """
    A target with scheme and host is a path like any other once they are taken off.

    Sends:      GETs of the files outside in absolute form, with dots, escaped and not, and with one whose host is dots.
    Observes:   that none of them is shown; that the server answers its ping afterwards.
    Look at:    a target that is taken apart in another place than the one that checks paths.
    """
    hidden = await secrets(wire, page)
    whole = target.url.rstrip("/") + page.path
    for start in (whole, whole + "sub/../"):
        for up in ("../", "%2e%2e/", "..%2f"):
            for way in (*(up + name for name in BESIDE), up * DEEP + ABOVE):
                await looks_in(wire, start + way, hidden)
    for odd in (f"http://../{ABOVE}", f"file:///{ABOVE}", "http:" + "/.." * DEEP + f"/{ABOVE}"):
        await looks_in(wire, odd, hidden)
    await wire.ping()


@spec("static-content/odd-paths-are-the-clients-error", SHOULD, FRIENDLY)
async def test_odd_paths_are_the_clients_error(page, wire):
    """
    A path that leads out of the directory, or that has a NUL, is answered as the client's mistake.

    Sends:      GETs of such paths, escaped and not.
    Observes:   4xx for each: never 5xx, and never the end of the connection without a word; that the server answers
                its ping afterwards.
    Differs:    400, 403 or 404.
    Look at:    the error of the function that opens files, which nobody expected (Python's ValueError for a NUL).
    """
    for name in ("%00", "plain.txt%00", "plain.txt%00.html", "..%00/plain.txt", "sub%00/", "%2e%2e%00", "a%00/../b"):
        answer = await wire.get(page.path + name)
        assert answer.status in CLIENT_ERRORS, f"{name} was answered with {answer.status}"
    for name in (f"{'../' * DEEP}{ABOVE}", f"{'%2e%2e/' * DEEP}{ABOVE}", f"..%2f{ABOVE}", f"..\\{ABOVE}", f"/{ABOVE}"):
        answer = await wire.get(page.path + name)
        assert answer.status in CLIENT_ERRORS, f"{name} was answered with {answer.status}"
    await wire.ping()


#: What paths are made of that try to get out.
PIECES = (
    "..", "..", "..", ".", "", "%2e%2e", "%2E.", "..%2f", "..%5c", "..\\", "%00", "..%00", "%252e%252e", "%c0%ae%c0%ae",
    "sub", "names", "plain.txt", "static", "static-secret.txt", "application.py", "etc", "passwd", "%2fetc%2fpasswd",
    "~", "..;", "...", "%2e%2e%2fstatic-secret.txt", "static-secret.txt%00", ";..", "?..", "%23..",
)  # fmt: skip


def paths():
    """Paths of up to eight pieces, which end where something is to be had."""
    from hypothesis import strategies as some  # noqa: PLC0415 - slow to import

    ends = some.sampled_from(["static-secret.txt", "application.py", "etc/passwd", ""])
    pieces = some.lists(some.sampled_from(PIECES), max_size=8)
    joints = some.sampled_from(["/", "/", "/", "%2f", "//", "\\"])
    return some.builds(lambda found, joint, end: joint.join([*found, end]), pieces, joints, ends)


@spec("static-content/no-path-at-all-leads-outside", MUST, UP, examples=paths)
async def test_no_path_at_all_leads_outside(page, wire, example):
    """
    However a path is put together of dots, slashes, escapes and names, it shows nothing of what stands outside.

    Sends:      a GET of a path below the directory, made of such pieces at random.
    Observes:   that no file outside is shown; that the server answers its ping afterwards.
    Look at:    the smallest path that is found.
    """
    await looks_in(wire, page.path + example, await secrets(wire, page))
    await wire.ping()
