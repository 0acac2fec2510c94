"""
Static content: names in the target, and the files that they stand for.
"""

from urllib.parse import quote

from harness import MAY, MUST, SHOULD, rfc, spec, tutorial
from specs.facts import steady
from specs.static_files import (
    REDIRECTS,
    content,
    directory_of_our_own,
    follow,
    place,
    put,
    served_from_here,
)

SERVES = tutorial("static-content", "how to serve static content from a filesystem")
ENCODED = rfc(9110, "4.2.3", "set are equivalent to their percent-encoded octets")
NORMAL = rfc(9110, "4.2.3", "any HTTP component MAY perform normalization")
NAMES = rfc(9110, "17.3", "mapping from target URI to resource representations")
FRIENDLY = rfc(9110, "17.3", "prefer user-friendliness over security when handling invalid or unexpected characters")
LOCATION = rfc(9110, "10.2.2", "the final value is computed by resolving it against the target URI")


async def found(page, wire, name, *spellings):
    """A file of the suite's is answered at each of these spellings of its name."""
    for spelling in spellings:
        answer = await wire.get(page.path + spelling)
        assert answer.status == 200, f"{spelling} was answered with {answer.status}"
        assert answer.body == content(name), f"{spelling} is not {name}"


@spec("static-content/a-file-below-is-found-by-its-path", MUST, SERVES)
async def test_a_file_below_is_found_by_its_path(page, wire):
    """
    A file in a directory in a directory has the path that it has on the disk.

    Sends:      one GET of names/below/deep.txt.
    Observes:   that it is the file.
    Look at:    a server that serves one directory and none below it.
    """
    await found(page, wire, "names/below/deep.txt", "names/below/deep.txt")


@spec("static-content/a-blank-in-a-name-is-escaped-in-the-target", MUST, NAMES)
async def test_a_blank_in_a_name_is_escaped_in_the_target(page, wire):
    """
    A file with a blank in its name is found by %20.

    Sends:      one GET of names/two%20words.txt.
    Observes:   that it is the file.
    Look at:    names that are looked for as they stand in the target, never decoded.
    """
    await found(page, wire, "names/two words.txt", "names/two%20words.txt")


@spec("static-content/a-plus-is-no-blank", MUST, NAMES)
async def test_a_plus_is_no_blank(page, wire):
    """
    A plus is a plus in a path: it means a blank in forms only.

    Sends:      GETs of names/a+b.txt and names/a%2Bb.txt, and of names/two+words.txt.
    Observes:   that the first two are the file, and that the last is not found.
    Look at:    a function that decodes queries (unquote_plus), used on a path.
    """
    await found(page, wire, "names/a+b.txt", "names/a+b.txt", "names/a%2Bb.txt", "names/a%2bb.txt")
    other = await wire.get(page.path + "names/two+words.txt")

    assert other.status == 404


@spec("static-content/letters-may-be-escaped", MUST, ENCODED)
async def test_letters_may_be_escaped(page, wire):
    """
    A name whose letters are escaped is the same name.

    Sends:      GETs of plain.txt with a letter, a dot, and all of it escaped, in capitals and in small letters.
    Observes:   that each is the file.
    Look at:    names that are looked for as they stand in the target, never decoded.
    """
    whole = "".join(f"%{ord(letter):02X}" for letter in "plain.txt")

    await found(page, wire, "plain.txt", "pl%61in.txt", "plain%2Etxt", "plain%2etxt", whole, whole.lower())


@spec("static-content/an-escape-is-decoded-once", MUST, rfc(9110, "4.2.3"))
async def test_an_escape_is_decoded_once(page, wire):
    """
    What an escape stands for is not decoded again: %2525 is %25, and not a percent sign.

    Sends:      GETs of names/100%2525.txt and names/100%25.txt: there are files called `100%25.txt` and `100%.txt`.
    Observes:   that each is its own file.
    Look at:    a path that is decoded by the framework, and once more by whoever opens the file.
    """
    await found(page, wire, "names/100%25.txt", "names/100%2525.txt")
    await found(page, wire, "names/100%.txt", "names/100%25.txt")


@spec("static-content/punctuation-in-a-name-is-part-of-it", MUST, NAMES)
async def test_punctuation_in_a_name_is_part_of_it(page, wire):
    """
    A semicolon, an ampersand and an apostrophe have no meaning of their own in the name of a file.

    Sends:      GETs of names/semi;colon.txt, of names/a&lt;b.txt and of names/it's.txt, plain and escaped.
    Observes:   that each is the file.
    Look at:    parameters that are cut off a path at a semicolon; a name that is taken for HTML.
    """
    await found(page, wire, "names/semi;colon.txt", "names/semi;colon.txt", "names/semi%3Bcolon.txt")
    await found(page, wire, "names/a&lt;b.txt", "names/a&lt;b.txt", "names/a%26lt%3Bb.txt")
    await found(page, wire, "names/it's.txt", "names/it's.txt", "names/it%27s.txt")


@spec("static-content/names-beyond-ascii-are-utf-8", MUST, NAMES, witnesses=("files",))
async def test_names_beyond_ascii_are_utf_8(target, page, wire):
    """
    A name of any alphabet is found by its UTF-8, escaped.

    Sends:      GETs of files that we made, whose names are German, Greek, Chinese and an emoji.
    Observes:   that each is the file.
    Look at:    a locale of "C" in the server's environment; names taken for latin-1.
    """
    names = ("grün.txt", "αβγ.txt", "文件.txt", "\N{SNOWMAN}\N{VARIATION SELECTOR-16}.txt", "\N{PILE OF POO}.txt")
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        for name in names:
            put(directory / name, name.encode())
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        for name in names:
            answer = await wire.get(path + quote(name))
            assert answer.status == 200, f"{quote(name)} was answered with {answer.status}"
            assert answer.body == name.encode()


@spec("static-content/any-character-of-a-name-may-be-escaped", MUST, NAMES, witnesses=("files",))
async def test_any_character_of_a_name_may_be_escaped(target, page, wire):
    """
    Characters that mean something in a target, or in HTML, stand escaped for themselves.

    Sends:      GETs of files that we made, with a question mark, a hash, a percent sign, a colon, a backslash, quotes,
                angle brackets, a tab and a line end in their names, each escaped.
    Observes:   that each is the file.
    Differs:    a name with a control character, or with a backslash, may be refused (4xx).
    Look at:    decoding before the query is cut off, or before the path is taken apart.
    """
    taken = ("a?b.txt", "a#b.txt", "50%.txt", "a:b.txt", '"quoted".txt', "<b>.txt", "a=b&c.txt", "[a]{b}.txt", "~a.txt")
    refused = ("a\\b.txt", "a\tb.txt", "a\nb.txt")
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        for name in taken + refused:
            put(directory / name, name.encode())
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        for name in taken:
            answer = await wire.get(path + quote(name))
            assert answer.status == 200, f"{quote(name)} was answered with {answer.status}"
            assert answer.body == name.encode()
        for name in refused:
            answer = await wire.get(path + quote(name))
            assert answer.body == name.encode() if answer.status == 200 else answer.status // 100 == 4


@spec("static-content/an-escape-that-is-none-breaks-nothing", SHOULD, FRIENDLY)
async def test_an_escape_that_is_none_breaks_nothing(page, wire):
    """
    A percent sign that begins no escape, and bytes that are no UTF-8, name nothing here and break nothing.

    Sends:      GETs of names with %, %z, %zz, %1, %ff, %c3, and %u0041 in them.
    Observes:   4xx for each; that the server answers its ping afterwards.
    Differs:    400 or 404.
    Look at:    the error of the decoder, which nobody expected.
    """
    for name in ("%", "%z", "plain%zz.txt", "plain.tx%7", "%ff", "%c3", "%c3%28", "pl%u0061in.txt", "%ed%a0%80"):
        answer = await wire.get(page.path + name)
        assert answer.status // 100 == 4, f"{name} was answered with {answer.status}"
    await wire.ping()


@spec("static-content/a-directory-shows-its-index", MUST, SERVES)
async def test_a_directory_shows_its_index(page, wire):
    """
    A directory in which there is an index.html is answered with that.

    Sends:      a GET of sub/, with a query and without.
    Observes:   that it is sub/index.html.
    Differs:    which other names an index may have.
    Look at:    the server's list of names; a listing of the directory although it has an index.
    """
    await found(page, wire, "sub/index.html", "sub/", "sub/?a=1", "sub/index.html")


@spec("static-content/a-directory-without-its-slash-redirects", MUST, LOCATION)
async def test_a_directory_without_its_slash_redirects(target, page, wire):
    """
    Who asks for a directory without the slash at its end is sent to the one with it, so that links in it lead on.

    Sends:      a GET of `sub`, and one of where its Location leads.
    Observes:   301, 302, 307 or 308; that Location leads to the path with the slash, on this server; the index there.
    Differs:    Location may be absolute or relative, and each of the four is common.
    Look at:    a Location with another host or port: behind a proxy, the server's own.
    """
    answer = await wire.get(page.path + "sub")
    assert answer.status in REDIRECTS
    asked = target.path(page.path + "sub")
    host, leads = place(target, asked, answer.fields.get("location") or "")
    index = await follow(wire, leads)

    assert host == wire.address.authority
    assert leads == asked + "/"
    assert index.body == content("sub/index.html")


@spec("static-content/the-redirect-of-a-directory-escapes-its-name", MUST, LOCATION, witnesses=("files",))
async def test_the_redirect_of_a_directory_escapes_its_name(target, page, wire):
    """
    Also a directory whose name has to be escaped is found where the redirect leads.

    Sends:      GETs of directories that we made, with a blank, a percent sign, a question mark, a letter beyond ASCII
                and a line end in their names, without the slash; and of where each Location leads.
    Observes:   that it is the file index.html in that directory; that Location is one line.
    Differs:    a name with a line end may be refused (4xx).
    Look at:    a Location made of the decoded path.
    """
    names = ("two words", "100%25", "a?b", "gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n", "a\r\nX-Made-Up: yes")
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        for name in names:
            (directory / name).mkdir()
            put(directory / name / "index.html", b"index of " + name.encode())
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        for name in names:
            asked = target.path(path + quote(name))
            answer = await wire.get(path + quote(name))
            assert "x-made-up" not in answer.fields, f"the name {name!r} became a field"
            if "\n" in name and answer.status // 100 == 4:
                continue
            assert answer.status in REDIRECTS, f"{quote(name)} was answered with {answer.status}"
            host, leads = place(target, asked, answer.fields.get("location") or "")
            index = await follow(wire, leads)
            assert host == wire.address.authority
            assert index.body == b"index of " + name.encode()


@spec("static-content/no-redirect-leads-away", MUST, NAMES)
async def test_no_redirect_leads_away(target, page, wire):
    """
    No path makes a redirect to somebody else's server.

    Sends:      GETs of paths that look like another host to a browser, if they come back as they are: with two slashes
                or an escaped backslash in front, and dot segments behind that make them a directory of ours.
    Observes:   that Location, where there is one, leads to this server.
    Look at:    a Location made of the path, which begins with two slashes (CVE-2021-28861 of Python's http.server).
    """
    below = page.path.strip("/")
    climbs = "/".join(["%2e%2e"] * 2)
    for path in (
        f"//evil.example/{climbs}/{below}/sub",
        f"//evil.example/..{page.path}sub",
        f"//evil.example/%2f..{page.path}sub",
        f"/%5cevil.example/..{page.path}sub",
        f"//evil.example{page.path}sub",
        f"{page.path}/evil.example/%2e%2e/sub",
        f"{page.path}/evil.example/..%2fsub",
        f"//{below}/sub",
    ):
        answer = await follow(wire, path)
        location = answer.fields.get("location")
        if location is not None:
            # A browser takes a backslash for a slash.
            host, _ = place(target, path.lstrip("/\\"), location.replace("\\", "/"))
            assert host == wire.address.authority, f"{path} leads to {location}"


@spec("static-content/how-names-are-spelled-differently", MAY, NORMAL)
async def test_how_names_are_spelled_differently(target, page, wire, facts):
    """
    Which other spellings of a path find a file, and which are sent elsewhere.

    Sends:      GETs of a file and of directories with capitals, doubled slashes, dot segments, an escaped slash, a
                slash or more behind a file, a dot or a blank at the end; of a directory without its slash.
    Observes:   the status, whether the file came, and Location.
    Differs:    nginx and Apache merge slashes and follow dot segments, lighttpd finds a file also with more behind it,
                Twisted finds the plain spelling only.
    """
    for spelling in (
        "PLAIN.TXT",
        "Plain.txt",
        "/plain.txt",
        "./plain.txt",
        "sub/../plain.txt",
        "sub/%2e%2e/plain.txt",
        "sub//index.html",
        "sub%2Findex.html",
        "plain.txt/",
        "plain.txt/more",
        "plain.txt.",
        "plain.txt%20",
        "plain.txt;a",
        "plain",
        "page",
        "sub/index",
        "sub?a=1",
        "sub/.",
        "sub/..",
        "names",
        "",
    ):
        answer = await wire.get(page.path + spelling)
        came = "the file" if answer.body in (content("plain.txt"), content("sub/index.html")) else "something else"
        location = answer.fields.get("location")
        facts[spelling] = [answer.status, came if answer.status == 200 else "", location and steady(location, target)]


@spec("static-content/which-files-are-kept-back", MAY, SERVES, witnesses=("files",))
async def test_which_files_are_kept_back(target, page, wire, facts):
    """
    Whether dot files and links are served, is a fact: also a link that leads out of the directory.

    Sends:      GETs of files that we made: a dot file, one in a dot directory, a backup of an editor's, links to a file
                beside it, out of the directory, and to nothing.
    Observes:   the statuses.
    """
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        (directory / ".dot").mkdir()
        for name in (".htaccess", ".dot/file.txt", "there.txt~", "there.txt.bak"):
            put(directory / name, b"there")
        for name, leads in {"inside": "there.txt", "outside": "../../static-secret.txt", "nowhere": "missing"}.items():
            (directory / f"{name}.txt").symlink_to(leads)
        (directory / "loop.txt").symlink_to("loop.txt")
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        for name in (".htaccess", ".dot/file.txt", "there.txt~", "there.txt.bak"):
            facts[name] = (await wire.get(path + name)).status
        for name in ("inside", "outside", "nowhere", "loop"):
            facts[f"a link {name}"] = (await wire.get(f"{path}{name}.txt")).status
    await wire.ping()


@spec("static-content/a-link-to-nothing-is-not-found", SHOULD, rfc(9110, "15.5.5"), witnesses=("files",))
async def test_a_link_to_nothing_is_not_found(target, page, wire):
    """
    A link that leads nowhere, or to itself, is not found, which is no mistake of the server's.

    Sends:      GETs of two links that we made.
    Observes:   4xx for each; that the server answers its ping afterwards.
    Look at:    a name that is there and cannot be opened.
    """
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        (directory / "nowhere.txt").symlink_to("missing")
        (directory / "loop.txt").symlink_to("loop.txt")
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        for name in ("nowhere.txt", "loop.txt"):
            answer = await wire.get(path + name)
            assert answer.status // 100 == 4, f"{name} was answered with {answer.status}"
    await wire.ping()
