"""
Static content: a directory without an index is listed, and its list can be used and does no harm.
"""

from urllib.parse import quote

from harness import MAY, MUST, SHOULD, NotObservable, rfc, spec, tutorial
from specs.facts import fields, steady
from specs.static_files import (
    content,
    directory_of_our_own,
    follow,
    markup,
    place,
    put,
    read,
    served_from_here,
)

LISTING = tutorial("static-dispatch", "will serve a listing of files")
TYPE = rfc(9110, "8.3", "indicates the media type of the associated representation")
CHARSET = rfc(9110, "8.3.2")
HTML = rfc(9110, "17.3", "names that have a special significance to the system")
CURRENT = rfc(9110, "9.3.1", "requests transfer of a current selected representation for the target resource")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")

#: The files of the directory that is listed.
FILES = ("100%.txt", "100%25.txt", "a&lt;b.txt", "a+b.txt", "it's.txt", "semi;colon.txt", "two words.txt")

#: What a listing must not become, whoever names a file so.
MARKUP = "<b>bold<hr> & 'quoted' \"twice\".txt"


async def listed(wire, path):
    """The links and the words of a listing, as a browser reads them."""
    answer = await wire.get(path)
    assert answer.status == 200
    assert answer.complete, answer.problem
    return read(answer)


@spec("static-content/a-listing-is-html", MUST, TYPE, needs=("listing",))
async def test_a_listing_is_html(page, wire):
    """
    A directory without an index is answered with a page.

    Sends:      one GET of names/.
    Observes:   200, and that Content-Type says text/html.
    Look at:    `listing` of [static-content], if directories are not listed here.
    """
    answer = await wire.get(page.path + "names/")

    assert answer.status == 200
    assert (answer.fields.get("content-type") or "").partition(";")[0].strip().lower() == "text/html"


@spec("static-content/a-listing-leads-to-each-file", MUST, LISTING, needs=("listing",))
async def test_a_listing_leads_to_each_file(target, page, wire):
    """
    Each file of a directory has a link in its listing, and the link leads to it, whatever its name is.

    Sends:      a GET of names/, whose files have blanks, pluses, percent signs, semicolons, ampersands and apostrophes
                in their names; then one of each place to which a link leads, as a browser understands it.
    Observes:   that each of the files came once.
    Look at:    names that are put into links as they are: %25 in a name is %2525 in a link.
    """
    base = target.path(page.path + "names/")
    links, _ = await listed(wire, page.path + "names/")
    came = []
    for link in links:
        host, leads = place(target, base, link)
        if host == wire.address.authority and leads.startswith(base):
            came.append((await follow(wire, leads)).body)

    for name in FILES:
        assert content(f"names/{name}") in came, f"no link leads to {name!r}"


@spec("static-content/a-listing-shows-each-name", MUST, LISTING, needs=("listing",))
async def test_a_listing_shows_each_name(page, wire):
    """
    Each file of a directory stands in its listing by its own name, as a browser shows it.

    Sends:      one GET of names/.
    Observes:   the words of the page.
    Differs:    what else it shows; long names may be cut.
    Look at:    a name that is escaped for a link, or not at all: a&lt;b.txt must not look like a<b.txt.
    """
    _, words = await listed(wire, page.path + "names/")

    for name in FILES:
        assert name in words, f"the listing does not show {name!r}"


@spec("static-content/a-listing-leads-to-directories", MUST, LISTING, needs=("listing",))
async def test_a_listing_leads_to_directories(target, page, wire):
    """
    A directory in a listing leads to its own listing.

    Sends:      a GET of names/, and of the link to `below` in it.
    Observes:   that a link of that page leads to below/deep.txt.
    Differs:    the link may have its slash at once, or lead to a redirect.
    Look at:    links in a page without its slash: they lead one level too high.
    """
    base = target.path(page.path + "names/")
    links, _ = await listed(wire, page.path + "names/")
    leads = [where for _, where in (place(target, base, link) for link in links) if where.rstrip("/") == base + "below"]
    assert leads, "no link leads to below"
    answer = await follow(wire, leads[0])
    if answer.status // 100 == 3:
        _, there = place(target, leads[0], answer.fields.get("location") or "")
        leads[0], answer = there, await follow(wire, there)
    places = [place(target, leads[0], link)[1] for link in read(answer)[0]]

    assert base + "below/deep.txt" in places


@spec("static-content/head-of-a-listing-has-no-body", MUST, NO_CONTENT, needs=("listing",))
async def test_head_of_a_listing_has_no_body(target, page, wire):
    """
    HEAD of a listing brings no page.

    Sends:      in one piece, a HEAD of names/ and a GET of `ping`.
    Observes:   that the answer to `ping`, if there is one, follows the fields at once.
    Differs:    a server may close the connection after the first answer.
    Look at:    a page that is made whatever the method is.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("HEAD", page.path + "names/") + wire.bytes_of("GET", target.alive.path))
    first = await conversation.answer(method="HEAD")
    second = await conversation.answer_if_any(method="GET")

    assert first.status == 200
    if second is None:
        assert conversation.received == first.raw
    else:
        assert second.status == target.alive.status


@spec("static-content/a-file-that-comes-is-listed", SHOULD, CURRENT, needs=("listing",), witnesses=("files",))
async def test_a_file_that_comes_is_listed(target, page, wire):
    """
    A listing is of the directory as it is: what comes is listed, and what goes is not.

    Sends:      GETs of a directory that we made, before there is a certain file, with it, and without it again.
    Observes:   whether its name is listed.
    Look at:    a listing that is kept.
    """
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        shown = []
        for come in (False, True, False):
            if come:
                put(directory / "comes.txt", b"here")
            else:
                (directory / "comes.txt").unlink(missing_ok=True)
            shown.append("comes.txt" in (await listed(wire, path))[1])

    assert shown == [False, True, False]


@spec("static-content/names-in-a-listing-are-escaped", MUST, HTML, needs=("listing",), witnesses=("files",))
async def test_names_in_a_listing_are_escaped(target, page, wire):
    """
    What somebody calls a file is shown as a name, and leads to the file.

    Sends:      a GET of a directory that we made, in which files' and a directory's names have angle brackets, quotes
                and ampersands in them; then of the places to which the links lead.
    Observes:   that each name is shown as it is, and that links lead to the files.
    Look at:    where names are put into the page: twice, as a word and within quotes.
    """
    names = (MARKUP, "a&amp;b", "<directory>")
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        for name in names[:2]:
            put(directory / name, name.encode())
        (directory / names[2]).mkdir()
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        links, words = await listed(wire, path)
        base = target.path(path)
        places = [place(target, base, link)[1] for link in links]
        bodies = [(await follow(wire, where)).body for where in places if where.startswith(base) and where != base]

    for name in names:
        assert name in words, f"{name!r} is not shown as it is"
    for name in names[:2]:
        assert name.encode() in bodies, f"no link leads to {name!r}"


@spec("static-content/names-in-a-listing-make-no-elements", MUST, HTML, needs=("listing",), witnesses=("files",))
async def test_names_in_a_listing_make_no_elements(target, page, wire):
    """
    No name of a file or of a directory makes an element, or an attribute, of the page that lists it.

    Sends:      a GET of a directory that we made, with files and directories called like elements, and like what ends
                an attribute in quotes of either kind, or in none.
    Observes:   the page's elements and attributes, as a browser reads them.
    Look at:    one kind of quotes that is not escaped; names of directories, which are put in by other code.
    """
    names = (
        "<w60made>",
        "<w60made w60made=1><!--",
        '" w60made="',
        "' w60made='",
        " w60made=1 ",
        '"><w60made>',
        "'><w60made>",
        "--><w60made>",
    )
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        for name in names:
            put(directory / f"{name}.txt", b"the file")
            (directory / name).mkdir()
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        answer = await wire.get(path)

    assert answer.status == 200
    assert "w60made" not in markup(answer), "the name of a file became part of the page"
    for name in names:
        assert name.strip() in read(answer)[1], f"{name!r} is not shown as it is"


@spec("static-content/the-path-in-a-listing-is-escaped", MUST, HTML, needs=("listing",))
async def test_the_path_in_a_listing_is_escaped(page, wire):
    """
    What a listing shows of the address it was asked by is escaped, too.

    Sends:      GETs of names/ with a script in the query, as it is and escaped, and in dot segments.
    Observes:   that no answer has the script in it as it stands.
    Differs:    whether the address is shown at all.
    Look at:    the title and the heading of the page.
    """
    for name in (
        "names/?<script>alert(1)</script>",
        "names/?%3Cscript%3Ealert(1)%3C/script%3E",
        "names/%3Cscript%3Ealert(1)%3C%2Fscript%3E/",
        "names/%3Cscript%3Ealert(1)%3C%2Fscript%3E/../",
        "names/;%3Cscript%3Ealert(1)",
    ):
        answer = await wire.get(page.path + name)
        assert b"<script>alert" not in answer.body, f"{name} is shown as it is"


@spec("static-content/a-missing-name-is-echoed-escaped", MUST, HTML)
async def test_a_missing_name_is_echoed_escaped(page, wire):
    """
    What a page about a missing file says of its name is escaped.

    Sends:      GETs of missing files called like scripts, escaped and not; and of such a directory.
    Observes:   that no answer has the script in it as it stands.
    Differs:    whether the name is shown at all.
    Look at:    the page of a redirect, and that of 404.
    """
    for name in (
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "<script>alert(1)</script>",
        "missing?<script>alert(1)</script>",
        "sub?<script>alert(1)</script>",
        "sub?%22%3E%3Cscript%3Ealert(1)",
    ):
        answer = await wire.get(page.path + name)
        assert b"<script>alert" not in answer.body, f"{name} is shown as it is"


@spec("static-content/a-listing-tells-its-alphabet", SHOULD, CHARSET, needs=("listing",), witnesses=("files",))
async def test_a_listing_tells_its_alphabet(target, page, wire):
    """
    A listing with names beyond ASCII says in which coding they stand, and that is true.

    Sends:      a GET of a directory that we made, with German, Greek and Chinese names.
    Observes:   the charset of Content-Type, or of a meta element; that the page, so decoded, shows the names.
    Look at:    a browser that has to guess.
    """
    names = ("grün.txt", "αβγ.txt", "文件.txt")
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        for name in names:
            put(directory / name, b"the file")
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        answer = await wire.get(path)

    said = (answer.fields.get("content-type") or "").lower() + answer.body[:1024].decode("latin-1").lower()
    assert "utf-8" in said, "nothing says which coding the names are in"
    _, words = read(answer)
    for name in names:
        assert name in words, f"the listing does not show {name!r}"


@spec(
    "static-content/a-name-that-is-no-text-breaks-no-listing", SHOULD, LISTING, needs=("listing",), witnesses=("files",)
)
async def test_a_name_that_is_no_text_breaks_no_listing(target, page, wire):
    """
    A file whose name is no UTF-8, which came from another system, and links to nowhere, leave the listing as it is.

    Sends:      a GET of a directory that we made, with such a name and such links.
    Observes:   200, and that another file is listed; that the server answers its ping afterwards.
    Differs:    what becomes of the name itself.  Some disks take no such name.
    Look at:    how names are made links: there is no UTF-8 of it; how large a file is that cannot be looked at.
    """
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        put(directory / "latin-\udce4.txt", b"umlaut")
        (directory / "nowhere.txt").symlink_to("missing")
        (directory / "loop").symlink_to("loop")
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        answer = await wire.get(path)
    await wire.ping()

    assert answer.status == 200
    assert "there.txt" in answer.text


@spec("static-content/how-a-listing-looks", MAY, LISTING, needs=("listing",))
async def test_how_a_listing_looks(target, page, wire, facts):
    """
    What a listing is made of.

    Sends:      GETs of names/, with and without a query, and a HEAD.
    Observes:   fields, body, the order of its links, and framing.
    """
    answer = await wire.get(page.path + "names/")
    links, _ = read(answer)
    facts["fields"] = fields(answer, target)
    facts["framing"] = answer.framing
    facts["body"] = steady(answer.body, target)
    facts["links"] = links
    queried = await wire.get(page.path + "names/?C=N;O=D")
    facts["with a query"] = [queried.status, "another page" if queried.body != answer.body else "the same page"]
    facts["fields of HEAD"] = fields(await wire.head(page.path + "names/"), target)


@spec("static-content/how-a-directory-redirects", MAY, rfc(9110, "15.4"))
async def test_how_a_directory_redirects(target, page, wire, facts):
    """
    How a directory without its slash is sent to the one with it.

    Sends:      a GET, a HEAD and a POST of `sub`, and GETs with queries.
    Observes:   status, reason, Location and body.
    """
    for method, name in (("GET", "sub"), ("HEAD", "sub"), ("POST", "sub"), ("GET", "sub?a=1&b=%20"), ("GET", "sub?")):
        answer = await wire.request(method, page.path + name, fields=[("Content-Length", "0")])
        facts[f"{method} {name}"] = {
            "status": answer.status,
            "reason": steady(answer.reason, target),
            "location": steady(answer.fields.get("location") or "", target),
            "body": steady(answer.body, target),
        }


@spec("static-content/what-a-listing-keeps-back", MAY, LISTING, needs=("listing",), witnesses=("files",))
async def test_what_a_listing_keeps_back(target, page, wire, facts):
    """
    Which files a listing does not show.

    Sends:      a GET of a directory that we made, with a dot file, a backup, links and a name that is no UTF-8.
    Observes:   which are linked to.
    """
    names = (".htaccess", "there.txt~", "there.txt.bak", "README", "HEADER.html")
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"there")
        for name in names:
            put(directory / name, b"there")
        (directory / "link.txt").symlink_to("there.txt")
        (directory / "nowhere.txt").symlink_to("missing")
        path = f"{page.path}{directory.name}/"
        await served_from_here(wire, path + "there.txt")
        answer = await wire.get(path)
        if answer.status != 200:
            message = f"the directory is answered with {answer.status}"
            raise NotObservable(message)
        links, _ = read(answer)
    places = [place(target, target.path(path), link)[1] for link in links]
    for name in (*names, "there.txt", "link.txt", "nowhere.txt"):
        facts[name] = "listed" if target.path(path + quote(name)) in places else "kept back"
