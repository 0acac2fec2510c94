"""
Static dispatch: three directories at three URLs, each below its own name.
"""

from harness import MAY, MUST, SHOULD, gather, rfc, spec, tutorial
from specs.facts import fields, steady
from specs.static_files import REDIRECTS, USERS, content, follow, place

DIFFERENT = tutorial("static-dispatch", "serve different content at different URLs")
NODE = tutorial("static-dispatch", "responded to by the resource which that URL addresses")
SEGMENTS = tutorial("static-dispatch", "The addressing scheme considers only the path segments of the URL")
REPEATED = tutorial("static-dispatch", "this process is repeated using the result of the previous lookup")
LISTING = tutorial("static-dispatch", "will serve a listing of files")
SAME = rfc(9110, "4.2.3", "set are equivalent to their percent-encoded octets")
CASE = rfc(9110, "4.2.3", "all other components are compared in a case-sensitive manner")
UP = rfc(9110, "17.3", 'operating systems use ".." as a path component')
NOT_FOUND = rfc(9110, "15.5.5", "did not find a current representation for the target resource")
IN_ORDER = rfc(9112, "9.3.2", "in the same order that the requests were received")
ALLOW = rfc(9110, "15.5.6")

NAMES = ("foo", "bar", "baz")


def own(name):
    """The bytes of a file below one of the three."""
    return content(name, page="static-dispatch")


async def is_the_file(page, wire, name, spelling):
    """The file of this name is answered at this spelling of its path."""
    answer = await wire.get(page.path + spelling)

    assert answer.status == 200, f"{spelling} was answered with {answer.status}"
    assert answer.body == own(name), f"{spelling} is not {name}"


async def is_nothing(page, wire, *spellings):
    """Nothing is found at any of these, neither a file nor a way to one."""
    for spelling in spellings:
        answer = await wire.get(page.path + spelling)
        assert answer.status == 404, f"{spelling} was answered with {answer.status}"


@spec("static-dispatch/each-name-serves-its-own-directory", MUST, DIFFERENT)
async def test_each_name_serves_its_own_directory(page, wire):
    """
    Below each of the three names stands the directory of that name.

    Sends:      GETs of foo/name.txt, bar/name.txt and baz/name.txt.
    Observes:   that each is its own file.
    Look at:    a variable of a loop that all three routes share, and that ends as the last one.
    """
    for name in NAMES:
        await is_the_file(page, wire, f"{name}/name.txt", f"{name}/name.txt")


@spec("static-dispatch/nothing-of-one-is-found-below-another", MUST, DIFFERENT)
async def test_nothing_of_one_is_found_below_another(page, wire):
    """
    A file that one of the three has, and the others have not, is found below its own name only.

    Sends:      GETs of only-foo.txt, only-bar.txt and only-baz.txt below each of the three names.
    Observes:   the file below its own name, 404 below the others.
    Look at:    directories that are searched one after the other.
    """
    for name in NAMES:
        await is_the_file(page, wire, f"{name}/only-{name}.txt", f"{name}/only-{name}.txt")
        await is_nothing(page, wire, *(f"{other}/only-{name}.txt" for other in NAMES if other != name))


@spec("static-dispatch/segments-are-looked-up-one-after-the-other", MUST, REPEATED)
async def test_segments_are_looked_up_one_after_the_other(page, wire):
    """
    What follows a name is looked up within its directory, also where it is one of the three names again.

    Sends:      GETs of below/name.txt in each of the three, and of foo/bar/name.txt: foo has a directory called bar.
    Observes:   that each is the file of its own directory.
    Look at:    a route that is searched for anywhere in the path, or from its end.
    """
    for name in NAMES:
        await is_the_file(page, wire, f"{name}/below/name.txt", f"{name}/below/name.txt")
    await is_the_file(page, wire, "foo/bar/name.txt", "foo/bar/name.txt")
    await is_nothing(page, wire, "bar/foo/name.txt", "foo/foo/name.txt", "foo/bar/below/name.txt", "foo/baz/name.txt")


@spec("static-dispatch/a-part-of-a-name-is-not-the-name", MUST, NODE)
async def test_a_part_of_a_name_is_not_the_name(page, wire):
    """
    A segment that begins or ends like a name, or goes on behind it, is another segment.

    Sends:      GETs of name.txt below fo, oo, foobar, foo2, xfoo, foo.txt, foo-bar, and of names run together.
    Observes:   404 for each.
    Look at:    routes that are compared by how a path begins, without the slash; a dot in a regular expression.
    """
    names = ("fo", "oo", "f", "foobar", "foo2", "xfoo", "ba", "bazz", "foo.txt", "foo-bar", "fooname.txt", "qux", "b.r")
    await is_nothing(page, wire, *(f"{name}/name.txt" for name in names))
    await is_nothing(page, wire, *names, "fooname.txt", "foonly-foo.txt")


@spec("static-dispatch/what-is-not-there-is-not-found", MUST, NOT_FOUND)
async def test_what_is_not_there_is_not_found(page, wire):
    """
    A missing file is not found below each name, and neither is a file of the three without a name before it.

    Sends:      GETs of missing.txt below each name, and of name.txt and below/name.txt below none.
    Observes:   404 for each.
    Look at:    a default to which everything goes that has no route.
    """
    await is_nothing(
        page, wire, *(f"{name}/missing.txt" for name in NAMES), "name.txt", "below/name.txt", "only-foo.txt"
    )


@spec("static-dispatch/a-query-decides-nothing", MUST, SEGMENTS)
async def test_a_query_decides_nothing(page, wire):
    """
    Only the segments of the path decide: a query does not, whatever stands in it.

    Sends:      GETs of name.txt below each name with queries that look like another of the paths.
    Observes:   that each is the file of the name in its path.
    Look at:    a target that is compared whole.
    """
    for name, other in zip(NAMES, NAMES[1:] + NAMES[:1], strict=True):
        for query in ("?", f"?/{other}/name.txt", f"?path=/{other}", f"?a/../../{other}/name.txt"):
            await is_the_file(page, wire, f"{name}/name.txt", f"{name}/name.txt{query}")


@spec("static-dispatch/an-escaped-segment-is-the-same-segment", MUST, SAME)
async def test_an_escaped_segment_is_the_same_segment(page, wire):
    """
    A name is the same name with its letters escaped.

    Sends:      GETs of name.txt below %66oo, b%61r and %62%61%7A, in capitals and in small letters.
    Observes:   that each is the file of that name.
    Look at:    routes that are compared before the path is decoded: what they protect can be had by another spelling.
    """
    for name, spelling in (("foo", "%66oo"), ("bar", "b%61r"), ("baz", "%62%61%7A"), ("baz", "%62%61%7a")):
        await is_the_file(page, wire, f"{name}/name.txt", f"{spelling}/name.txt")


@spec("static-dispatch/a-segment-is-decoded-once", MUST, rfc(9110, "4.2.3"))
async def test_a_segment_is_decoded_once(page, wire):
    """
    A name whose letters are escaped twice is another name.

    Sends:      GETs of name.txt below %2566oo and b%2561r.
    Observes:   404 for each.
    Look at:    a path that is decoded by the framework, and once more by whoever looks for the route.
    """
    await is_nothing(page, wire, "%2566oo/name.txt", "b%2561r/name.txt")


@spec("static-dispatch/case-tells-names-apart", SHOULD, CASE)
async def test_case_tells_names_apart(page, wire):
    """
    Capitals make another name.

    Sends:      GETs of name.txt below FOO, Foo and baR.
    Observes:   404 for each.
    Differs:    a server whose disk takes capitals for small letters may find it (Windows, macOS).
    Look at:    routes that are made small, or compared without case.
    """
    await is_nothing(page, wire, "FOO/name.txt", "Foo/name.txt", "baR/name.txt")


@spec("static-dispatch/what-clings-to-a-name-is-part-of-it", SHOULD, NODE)
async def test_what_clings_to_a_name_is_part_of_it(page, wire):
    """
    Blanks, dots, semicolons and NULs at a name make it another one.

    Sends:      GETs of name.txt below foo with a blank, a tab, a dot, a semicolon and more, a NUL, an escaped question
                mark behind it, and below one with a blank in front.
    Observes:   4xx for each; that the server answers its ping afterwards.
    Look at:    segments that are stripped; parameters that are cut off before routes are compared.
    """
    for name in (
        "foo%20",
        "foo%09",
        "foo.",
        "foo;a",
        "foo;",
        "foo%00",
        "foo%00bar",
        "foo%3F",
        "foo%23",
        "%20foo",
        "foo+",
    ):
        answer = await wire.get(f"{page.path}{name}/name.txt")
        assert answer.status // 100 == 4, f"{name}/name.txt was answered with {answer.status}"
    await wire.ping()


@spec("static-dispatch/a-name-alone-shows-its-directory", SHOULD, LISTING)
async def test_a_name_alone_shows_its_directory(target, page, wire):
    """
    Each name alone leads to what stands in its directory.

    Sends:      GETs of foo, bar and baz, and of where each is redirected.
    Observes:   a page that names the file which only that directory has, and none of the others'.
    Differs:    at once, or by a redirect to the path with a slash; a server that lists no directories refuses (403,
                404), which is as well.
    Look at:    a route that has a slash at its end, and is not found without.
    """
    for name in NAMES:
        answer = await wire.get(page.path + name)
        if answer.status in REDIRECTS:
            host, leads = place(target, target.path(page.path + name), answer.fields.get("location") or "")
            assert host == wire.address.authority
            answer = await follow(wire, leads)
        if answer.status in (403, 404):
            continue
        assert answer.status == 200, f"{name} was answered with {answer.status}"
        for other in NAMES:
            assert (f"only-{other}.txt" in answer.text) == (other == name), f"only-{other}.txt on the page of {name}"


@spec("static-dispatch/pipelined-requests-reach-their-own-names", MUST, IN_ORDER)
async def test_pipelined_requests_reach_their_own_names(page, wire):
    """
    Requests for several of the names on one connection are each answered by their own, in order.

    Sends:      in one piece, six GETs of name.txt below the three names in turn.
    Observes:   the answers, as far as they come.
    Differs:    a server may close the connection after any answer.
    Look at:    what a route remembers of the request before.
    """
    names = NAMES * 2
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of("GET", f"{page.path}{name}/name.txt") for name in names))

    for number, name in enumerate(names):
        answer = await conversation.answer_if_any(method="GET")
        if answer is None:
            assert number > 0, "the connection was closed without one answer"
            break
        assert answer.status == 200
        assert answer.body == own(f"{name}/name.txt")


@spec("static-dispatch/requests-at-once-reach-their-own-names", MUST, DIFFERENT)
async def test_requests_at_once_reach_their_own_names(target, page, wire):
    """
    Requests for several of the names at the same time are each answered by their own.

    Sends:      at once, up to twelve GETs (`parallel`) of below/name.txt below the three names in turn.
    Observes:   the bodies.
    Look at:    the name of the route kept in a place that several requests share.
    """
    names = (NAMES * 4)[: target.parallel]
    answers = await gather(*(wire.get(f"{page.path}{name}/below/name.txt") for name in names))

    for name, answer in zip(names, answers, strict=True):
        assert answer.status == 200
        assert answer.body == own(f"{name}/below/name.txt")


@spec("static-dispatch/no-name-leads-outside", MUST, UP)
async def test_no_name_leads_outside(page, wire):
    """
    Dots lead out of none of the directories to what nobody serves.

    Sends:      GETs of the file of users below each name, and of a file beside the directories, by `..` as it is and
                escaped, with slashes, escaped slashes and backslashes.
    Observes:   that neither is shown; that the server answers its ping afterwards.
    Differs:    400, 403, 404; or what the path means once its dots are taken out: a server that serves the file beside
                the directories at that address is right to show it.
    Look at:    a check for dots that one of the routes has, and another has not.
    """
    secret = content("static-secret.txt", page="")
    parent = page.path.rstrip("/").rpartition("/")[0]
    hidden = secret not in (await wire.get(f"{parent}/static-secret.txt")).body
    for name in NAMES:
        for up in ("../", "%2e%2e/", "..%2f", "..%5c", "%252e%252e%252f"):
            above = await follow(wire, f"{wire.address.base}{page.path}{name}/{up * 12}etc/passwd")
            beside = await follow(wire, f"{wire.address.base}{page.path}{name}/{up * 2}static-secret.txt")
            assert USERS.search(above.body) is None, f"{up} below {name} shows the file of users"
            if hidden:
                assert secret not in beside.body, f"{up} below {name} shows what stands beside"
    await wire.ping()


@spec("static-dispatch/other-methods-are-refused", SHOULD, ALLOW)
async def test_other_methods_are_refused(page, wire):
    """
    Below each name there are files to be had, and nothing else can be done with them.

    Sends:      PUT and DELETE of name.txt below each name, then a GET.
    Observes:   403, 405 or 501, and the file as it was.
    Look at:    a route that takes any method.
    """
    for name in NAMES:
        for method in ("PUT", "DELETE"):
            answer = await wire.request(method, f"{page.path}{name}/name.txt", body=b"changed")
            assert answer.status in (403, 405, 501), f"{method} was answered with {answer.status}"
        await is_the_file(page, wire, f"{name}/name.txt", f"{name}/name.txt")


@spec("static-dispatch/how-paths-are-spelled-differently", MAY, rfc(9110, "4.2.3"))
async def test_how_paths_are_spelled_differently(target, page, wire, facts):
    """
    Which other spellings of a path reach a file below a name, and which are sent elsewhere.

    Sends:      GETs with capitals, empty segments, dot segments, an escaped slash, and slashes at the end.
    Observes:   the status, whose file came, and Location.
    """
    files = {own(f"{name}/name.txt"): name for name in NAMES}
    for spelling in (
        "FOO/name.txt",
        "/foo/name.txt",
        "foo//name.txt",
        "foo///name.txt",
        "./foo/name.txt",
        "foo/./name.txt",
        "foo/../bar/name.txt",
        "foo/%2e%2e/bar/name.txt",
        "foo%2Fname.txt",
        "foo/name.txt/",
        "foo/name.txt//",
        "foo/name.txt/more",
        "foo\\name.txt",
        "foo",
        "foo?a=1",
        "foo//",
        "foo/below",
    ):
        answer = await wire.get(page.path + spelling)
        location = answer.fields.get("location")
        facts[spelling] = [
            answer.status,
            files.get(answer.body, "none") if answer.status == 200 else "",
            location and steady(location, target),
        ]


@spec("static-dispatch/what-is-said-where-no-name-is", MAY, NOT_FOUND)
async def test_what_is_said_where_no_name_is(target, page, wire, facts):
    """
    What a server says at the node above the names, and of a name that it does not know.

    Sends:      GETs of the path itself, with its slash and without, and of qux below it; a HEAD of foo.
    Observes:   status, reason, fields and body.
    """
    for method, path in (
        ("GET", page.path),
        ("GET", page.path.rstrip("/") or "/"),
        ("GET", page.path + "qux"),
        ("HEAD", page.path + "foo"),
    ):
        answer = await wire.request(method, path)
        facts[f"{method} {path}"] = {
            "status": answer.status,
            "reason": steady(answer.reason, target),
            "fields": fields(answer, target),
            "body": steady(answer.body, target),
        }
