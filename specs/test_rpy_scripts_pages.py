"""
rpy scripts: what a script is given, what becomes of it while others ask, and what of it nobody sees.
"""

from contextlib import contextmanager

from harness import MAY, MUST, SHOULD, gather, rfc, spec, tutorial
from specs.facts import body, fields, steady
from specs.test_rpy_scripts import AGE, put, run, said, served_from_here

ANEW = tutorial("http-auth", "the normal mode of operation for an rpy script is for it to be re-executed")
CACHE = tutorial("http-auth", "re-use the result of the first evaluation of the rpy script")
CONTEXT = tutorial("rpy-scripts", "The code in an rpy script is evaluated in an unusual context.")
BOUND = tutorial("rpy-scripts", "to the resource we want the script to serve")
ONLY = tutorial("rpy-scripts", "this name is the only thing Twisted Web will pay attention to")
DROP = tutorial("rpy-scripts", "drop this rpy script into a Twisted Web server")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")

#: Requests for one script that are under way together.
AT_ONCE = 12

#: A word that stands in a script, and in nothing that it answers.
HIDDEN = "a-word-of-the-source"

#: A script that answers with what it was asked.
ASKED = """\
from twisted.web.resource import Resource


class Asked(Resource):
    isLeaf = True

    def render(self, request):
        request.setHeader(b"content-type", b"text/plain")
        said = request.args.get(b"said", [b"nothing"])
        return b" ".join([request.method, b"/".join(request.postpath), b",".join(said), request.content.read()])


resource = Asked()
"""

#: A script that counts in its own names how often it has begun.
BEGINS = """\
from twisted.web.static import Data

times = globals().get("times", 0) + 1
resource = Data(b"%d" % (times,), "text/plain")
"""

#: A script that shows its run, and is kept.
KEPT = """\
cache()

import uuid

from twisted.web.static import Data

resource = Data(b"Run: " + uuid.uuid4().hex.encode("ascii"), "text/plain")
"""

#: A script whose resource fails when it is asked.
FAILS_LATER = f"""\
from twisted.web.resource import Resource


class Failing(Resource):
    def render_GET(self, request):
        raise RuntimeError("it fails")  # {HIDDEN}


resource = Failing()
"""

#: A script that tells the names that it was given, and what some of them are.
NAMES = """\
given = dict(globals())

import os
import sys

from twisted.web.static import Data

lines = [name + ": " + type(given[name]).__name__ for name in sorted(given)]
lines.append("__name__ is " + repr(__name__))
lines.append("its directory is on the path: " + repr(os.path.dirname(__file__) in sys.path))
resource = Data("\\n".join(lines).encode("ascii"), "text/plain")
"""

#: What comes with a request for a part.
PARTS = (
    [("Range", "bytes=0-40")],
    [("Range", "bytes=-40")],
    [("Range", "bytes=0-9,20-40")],
    [("Range", "bytes=5-")],
    [("If-None-Match", "*")],
    [("If-Modified-Since", "Fri, 31 Dec 2199 23:59:59 GMT")],
    [("Accept", "text/x-python")],
    [("Translate", "f")],
)

METHODS = ("HEAD", "POST", "PUT", "OPTIONS", "TRACE", "PROPFIND", "COPY", "get", "GETX")

#: Files beside the scripts, by the ends of their names.
ENDS = (".py", ".rpy~", ".rpy.bak", ".rpy.swp", ".RPY", ".epy", ".cgi", ".txt", "")


@contextmanager
def placed(target, text, end=".rpy", below=""):
    """A script that we put beside the others: its file, which is gone afterwards."""
    directory = target.assets / "rpy" / below
    directory.mkdir(exist_ok=True)
    script = directory / f"placed-{target.token()}{end}"
    put(script, text, age=AGE)
    try:
        yield script
    finally:
        script.unlink(missing_ok=True)
        if below:
            directory.rmdir()


def no_source(answer, what):
    """Nothing of a script's source is in an answer."""
    for word in ("from twisted", HIDDEN, "resource ="):
        assert word not in answer.text, f"{what} was shown {word!r}"


@spec("rpy-scripts/scripts-at-once-run-each-for-itself", MUST, ANEW, needs=("path",))
async def test_scripts_at_once_run_each_for_itself(page, wire):
    """
    Requests that come together are each answered by a run of the script of their own.

    Sends:      twelve GETs of `run.rpy` at once.
    Observes:   the names of the runs: twelve different ones.
    Look at:    results that are kept for a moment, or shared by those who ask meanwhile.
    """
    answers = await gather(*(wire.get(f"{page.path}run.rpy") for _ in range(AT_ONCE)))
    runs = [run(answer) for answer in answers]

    assert len(set(runs)) == AT_ONCE


@spec("rpy-scripts/a-cached-script-runs-once-for-many", SHOULD, CACHE, witnesses=("files",), needs=("path",))
async def test_a_cached_script_runs_once_for_many(target, page, wire):
    """
    A cached script that several ask for at first, at once, runs once for all of them.

    Sends:      twelve GETs at once of a script with `cache()` that nobody has asked for before.
    Observes:   the names of the runs: the same in each.
    Look at:    what is kept only when the first answer is over.
    """
    with placed(target, KEPT) as script:
        answers = await gather(*(wire.get(page.path + script.name) for _ in range(AT_ONCE)))
    served_from_here(answers[0])
    runs = [run(answer) for answer in answers]

    assert len(set(runs)) == 1


@spec("rpy-scripts/a-script-begins-with-nothing", MUST, ANEW, witnesses=("files",), needs=("path",))
async def test_a_script_begins_with_nothing(target, page, wire):
    """
    A script that runs again finds nothing of what it called by a name the last time.

    Sends:      three GETs of a script that counts in a global name.
    Observes:   what it has counted: 1 each time.
    Look at:    the namespace that a script is executed in: a module's would stay.
    """
    with placed(target, BEGINS) as script:
        answers = [await wire.get(page.path + script.name) for _ in range(3)]
    served_from_here(answers[0])

    assert [answer.text for answer in answers] == ["1", "1", "1"]


@spec("rpy-scripts/a-script-is-given-the-request", MUST, BOUND, witnesses=("files",), needs=("path",))
async def test_a_script_is_given_the_request(target, page, wire):
    """
    A script's resource is asked like any other: with method, arguments, body, and the path that goes on behind it.

    Sends:      to a script that answers what it was asked: a GET with a query, a GET of an address below it, a POST
                with a body.
    Observes:   what it says.
    Look at:    what is between the server and the script's resource.
    """
    with placed(target, ASKED) as script:
        place = page.path + script.name
        asked = await wire.get(f"{place}?said=a%20word&said=another")
        below = await wire.get(f"{place}/below/it")
        posted = await wire.post(f"{place}?said=posted", b"a body")
    served_from_here(asked)

    assert asked.text == "GET  a word,another "
    assert below.text == "GET below/it nothing "
    assert posted.text == "POST  posted a body"


@spec("rpy-scripts/head-of-a-script-has-no-body", MUST, NO_CONTENT, needs=("path",))
async def test_the_head_of_a_script_has_no_body(page, wire):
    """
    HEAD of a script is answered with a header alone, and the connection goes on.

    Sends:      on one connection, a HEAD and then a GET of `run.rpy`.
    Observes:   the statuses, and every byte that comes.
    Differs:    a server may close the connection after the first answer.
    """
    conversation = await wire.open()
    conversation.request("HEAD", f"{page.path}run.rpy")
    head = await conversation.answer()
    following = None
    if not conversation.is_gone:
        conversation.request("GET", f"{page.path}run.rpy")
        following = await conversation.answer_if_any(method="GET")

    assert head.status == 200
    assert conversation.received == head.raw + (following.raw if following else b"")
    if following is not None:
        assert run(following)


@spec("rpy-scripts/a-new-script-is-found", MUST, DROP, witnesses=("files",), needs=("path",))
async def test_a_new_script_is_found(target, page, wire):
    """
    Who drops a script into the directory sees it run at the next request, although it was not there at the last.

    Sends:      GETs of a name before and after a script is put there.
    Observes:   404, then what the script says.
    Look at:    a directory that is read once; a 404 that is kept.
    """
    with placed(target, said("here")) as script:
        served_from_here(await wire.get(page.path + script.name))
        script.unlink()
        before = await wire.get(page.path + script.name)
        put(script, said("here"))
        after = await wire.get(page.path + script.name)

    assert before.status == 404
    assert after.status == 200
    assert after.text == "here"


@spec("rpy-scripts/a-removed-script-is-gone", MUST, DROP, witnesses=("files",), needs=("path",))
async def test_a_removed_script_is_gone(target, page, wire):
    """
    A script that is taken out of the directory runs no more.

    Sends:      GETs of a script before and after it is removed.
    Observes:   what it says, then 404.
    Look at:    scripts that are kept although nobody asked for that.
    """
    with placed(target, said("here")) as script:
        before = await wire.get(page.path + script.name)
        script.unlink()
        after = await wire.get(page.path + script.name)
    served_from_here(before)

    assert before.text == "here"
    assert after.status == 404


@spec("rpy-scripts/a-mended-script-works", MUST, ANEW, witnesses=("files",), needs=("path",))
async def test_a_mended_script_works(target, page, wire):
    """
    A script that did not work works at the next request after it was mended.

    Sends:      GETs of a script that is no Python, then one that fails, then is right.
    Observes:   5xx, 5xx, then what it says.
    Look at:    failures that are kept like resources.
    """
    with placed(target, "resource = = 1\n") as script:
        unreadable = await wire.get(page.path + script.name)
        put(script, "cache()\nraise RuntimeError()\n")
        failing = await wire.get(page.path + script.name)
        put(script, said("mended"))
        mended = await wire.get(page.path + script.name)
    served_from_here(unreadable)

    assert unreadable.status // 100 == 5
    assert failing.status // 100 == 5
    assert mended.status == 200
    assert mended.text == "mended"


@spec("rpy-scripts/a-failing-resource-is-a-server-error", SHOULD, BOUND, witnesses=("files",), needs=("path",))
async def test_a_failing_resource_is_a_server_error(target, page, wire):
    """
    A script whose resource fails when it is asked is answered with 5xx, and harms no other.

    Sends:      a GET of such a script, then of `run.rpy`.
    Observes:   the statuses; that another client is served.
    """
    with placed(target, FAILS_LATER) as script:
        failed = await wire.get(page.path + script.name)
    served_from_here(failed)

    assert failed.status // 100 == 5
    assert run(await wire.get(f"{page.path}run.rpy"))
    await wire.ping()


@spec("rpy-scripts/a-part-of-a-script-is-never-shown", MUST, ANEW, needs=("path",))
async def test_a_part_of_a_script_is_never_shown(page, wire):
    """
    Who asks for a part of a script, or in another way than browsers do, sees nothing of its source.

    Sends:      GETs of `run.rpy` with Range in four forms, with conditions, with Accept and with Translate.
    Observes:   that no answer has a line of the script.
    Look at:    a file server that answers conditions and ranges before it looks at the ending.
    """
    for part in PARTS:
        answer = await wire.get(f"{page.path}run.rpy", fields=part)
        no_source(answer, f"{part[0][0]}: {part[0][1]}")
        assert answer.status not in (206, 304), f"{part[0][0]} was answered {answer.status}: of a script's file"


@spec("rpy-scripts/no-method-shows-a-script", MUST, ANEW, needs=("path",))
async def test_no_method_shows_a_script(page, wire):
    """
    No method shows a script's source.

    Sends:      HEAD, POST, PUT, OPTIONS, TRACE, PROPFIND, COPY, "get" in small letters and GETX of `run.rpy`.
    Observes:   that no answer has a line of the script; that the script runs afterwards as before.
    """
    for method in METHODS:
        given = b"" if method in ("POST", "PUT") else None
        no_source(await wire.request(method, f"{page.path}run.rpy", body=given), method)
    assert run(await wire.get(f"{page.path}run.rpy"))


@spec("rpy-scripts/a-script-below-is-never-shown", MUST, ANEW, witnesses=("files",), needs=("path",))
async def test_a_script_below_is_never_shown(target, page, wire, facts):
    """
    A script in a directory below is no more shown than the others.

    Sends:      a GET of a script that we put into a directory below.
    Observes:   that the answer has no line of the script.
    Differs:    whether it is run there is a fact.
    """
    with placed(target, said("below"), below="below") as script:
        answer = await wire.get(f"{page.path}below/{script.name}")
        listing = await wire.get(f"{page.path}below/")
    facts["status"] = answer.status
    facts["run"] = answer.text == "below"
    facts["the directory itself"] = listing.status

    no_source(answer, "who asked for a script in a directory below")


@spec("rpy-scripts/a-broken-script-shows-no-source", SHOULD, ANEW, witnesses=("files",), needs=("path",))
async def test_a_broken_script_shows_no_source(target, page, wire):
    """
    What is answered for a script that does not work has no line of it, nor its place on disk.

    Sends:      GETs of `broken.rpy`, `unreadable.rpy`, `without-resource.rpy`, and of a script whose resource fails.
    Observes:   the bodies.
    Look at:    tracebacks that are for developers: in Twisted, `displayTracebacks` of the site.
    """
    names = ["broken.rpy", "unreadable.rpy", "without-resource.rpy"]
    with placed(target, FAILS_LATER) as script:
        for name in (*names, script.name):
            answer = await wire.get(page.path + name)
            for word in ("from twisted", "my_resource", "no Python reads", HIDDEN, str(target.assets)):
                assert word not in answer.text, f"{name} shows {word!r}"


@spec("rpy-scripts/a-script-looks-its-own-way", MAY, BOUND, needs=("path",))
async def test_what_a_script_looks_like(target, page, wire, facts):
    """
    How a script's page is answered is a fact: its fields in their order, its framing, other methods.

    Sends:      GET, HEAD, POST, OPTIONS and a method that does not exist, of `run.rpy`; GETs of addresses below it.
    Observes:   fields and framing; statuses.
    """
    place = f"{page.path}run.rpy"
    answer = await wire.get(place)
    facts["fields"] = fields(answer, target)
    facts["framing"] = answer.framing
    facts["reason"] = answer.reason.decode("latin-1")
    head = await wire.head(place)
    facts["fields of HEAD"] = fields(head, target)
    for method in ("POST", "OPTIONS", "GETX"):
        other = await wire.request(method, place, body=b"" if method == "POST" else None)
        facts[method] = [other.status, fields(other, target)]
    for end in ("/", "/below", "/..", ".", "x", "%00", "%2f"):
        facts[f"behind it {end}"] = (await wire.get(place + end)).status
    missing = await wire.get(f"{page.path}missing.rpy")
    facts["a script that is not there"] = [missing.status, body(missing, target)]
    facts["the directory"] = (await wire.get(page.path)).status
    await wire.ping()


@spec("rpy-scripts/a-failing-script-looks-its-own-way", MAY, CONTEXT, witnesses=("files",), needs=("path",))
async def test_what_a_failing_script_looks_like(target, page, wire, facts):
    """
    What is answered for a script that does not work is a fact.

    Sends:      GETs of scripts that raise, that are no Python, that name no resource, whose resource is none, whose
                resource fails, that end the process' hopes with SystemExit.
    Observes:   statuses, fields, bodies; whether there is a traceback.
    """

    async def looked_at(name, path):
        answer = await wire.get(path)
        facts[name] = [answer.status, fields(answer, target), body(answer, target)]
        facts[f"{name}: a traceback"] = "Traceback" in answer.text

    await looked_at("it raises", f"{page.path}broken.rpy")
    await looked_at("it is no Python", f"{page.path}unreadable.rpy")
    await looked_at("it names no resource", f"{page.path}without-resource.rpy")
    others = {
        "its resource is text": 'resource = "text"\n',
        "its resource is None": "resource = None\n",
        "its resource fails": FAILS_LATER,
        "it is empty": "",
        "it raises SystemExit": "raise SystemExit(1)\n",
        "it caches twice": f"cache()\ncache()\n{said('twice')}",
        "it caches, and names no resource": "cache()\n",
        "its encoding is unknown": "# coding: no-such-coding\n",
    }
    for name, text in others.items():
        with placed(target, text) as script:
            await looked_at(name, page.path + script.name)
    await wire.ping()


@spec("rpy-scripts/a-script-is-given-names", MAY, CONTEXT, witnesses=("files",), needs=("path",))
async def test_which_names_a_script_is_given(target, page, wire, facts):
    """
    Which names a script finds is a fact: its globals, `__name__`, whether its directory is on the path.

    Sends:      a GET of a script that tells.
    Observes:   what it says.
    """
    with placed(target, NAMES) as script:
        answer = await wire.get(page.path + script.name)

    facts["status"] = answer.status
    facts["names"] = steady(answer.text, target).splitlines() if answer.status == 200 else []
    await wire.ping()


@spec("rpy-scripts/other-files-are-served-its-own-way", MAY, ONLY, witnesses=("files",), needs=("path",))
async def test_how_other_files_are_served(target, page, wire, facts):
    """
    How files beside the scripts are served is a fact: modules, copies that editors leave, scripts of other kinds.

    Sends:      GETs of files with the text of a script, whose names end in several ways.
    Observes:   the statuses, the types; whether the text is shown.
    """
    for end in ENDS:
        with placed(target, said(HIDDEN), end=end) as script:
            answer = await wire.get(page.path + script.name)
        shown = "its text" if "from twisted" in answer.text else "what it says" if HIDDEN in answer.text else "neither"
        facts[end or "nothing"] = [answer.status, answer.fields.get("content-type"), shown]
    await wire.ping()


@spec("rpy-scripts/a-cached-script-may-outlive-its-file", MAY, CACHE, witnesses=("files",), needs=("path",))
async def test_whether_a_cached_script_outlives_its_file(target, page, wire, facts):
    """
    Whether a cached script is still served when its file is gone is a fact, and what another name of the file shows.

    Sends:      GETs of a cached script; of a second name for the same file; after the file is removed, and after it is
                put there again.
    Observes:   the statuses, and whether the run is the first.
    """
    with placed(target, KEPT) as script:
        kept = await wire.get(page.path + script.name)
        link = script.with_name(f"linked-{script.name}")
        link.symlink_to(script)
        linked = await wire.get(page.path + link.name)
        link.unlink()
        script.unlink()
        gone = await wire.get(page.path + script.name)
        put(script, KEPT)
        back = await wire.get(page.path + script.name)
    for name, answer in {"linked": linked, "removed": gone, "put back": back}.items():
        facts[name] = [answer.status, answer.body == kept.body]
    await wire.ping()
