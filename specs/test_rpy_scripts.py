"""
rpy scripts: executed anew for each request, unless they ask to be kept.
"""

import os
import re
import time

from harness import MAY, MUST, SHOULD, NotObservable, Window, digest, spec, tutorial

ANEW = tutorial("http-auth", "the normal mode of operation for an rpy script is for it to be re-executed")
CACHE = tutorial("http-auth", "re-use the result of the first evaluation of the rpy script")
SAME = tutorial("http-auth", "the same instance is used to generate challenges and examine the responses")
NEVER = tutorial("http-auth", "preventing any authentication attempt from ever succeeding")
ONCE = tutorial("session-store", "definition and the registerAdapter call that need to be executed only once")
PAST_ONE = tutorial("session-store", "so the counter would never get past one")
SESSION = tutorial("session-basics", "tells a user what their unique session identifier is")
LATER = tutorial("asynchronous", "a complete rpy script based on this resource class")
EXAMPLE = tutorial("wsgi", "this is going to be another rpy script example")
COMMAND = tutorial("wsgi", "then you can launch a roughly equivalent server like this")

#: Seconds that the delayed script is asked to wait; five, as in the tutorial, would show no more.
DELAY = 1.0

GLOBAL = "nobody can give a script another reactor than the global one"

#: Age in seconds of a file before it is edited: no editor is quicker than the dates of files are coarse.
AGE = 10.0

#: Ways to spell a script's address, some of which mean a file by that name to somebody.
SPELLINGS = (
    "run.rpy",
    "run.rpy?source",
    "run.rpy/",
    "run.rpy/source",
    "run.rpy.",
    "run%2Erpy",
    "run.rpy%20",
    "RUN.RPY",
    "run.rpy~",
    "run.rpy%00",
    "run.rpy%00.txt",
    "run.rpy.txt",
    "run.rpy::$DATA",
    "run.rpy;.txt",
    "run.rpy%2F",
    "run.rpy/.",
    "run.rpy#x",
    "./run.rpy",
    "/run.rpy",
    "x/../run.rpy",
    "%72un.rpy",
    "run%252Erpy",
    "run.rp%79",
    "run.rpyc",
    "__pycache__/run.rpy",
)


def run(answer):
    """The name of the execution that a page shows."""
    assert answer.status == 200
    found = re.fullmatch(r"Run: ([0-9a-f]{32})", answer.text)
    assert found is not None, f"no run in {answer.text[:200]!r}"
    return found[1]


def count(answer):
    """The number of the visit that a page shows."""
    assert answer.status == 200
    found = re.fullmatch(r"Visit #(\d{1,18}) for you!", answer.text)
    assert found is not None, f"no count in {answer.text[:200]!r}"
    return int(found[1])


def session(answer):
    """The session's ID that a page shows."""
    assert answer.status == 200
    found = re.fullmatch(r"Your session id is: (\S+)", answer.text)
    assert found is not None, f"no session ID in {answer.text[:200]!r}"
    return found[1]


def said(word):
    """A script whose page says this word."""
    return f'from twisted.web.static import Data\nresource = Data(b"{word}", "text/plain")\n'


def put(script, text, *, age=0.0):
    """Write a script the way good editors do: whole, and in one step; `age` seconds ago."""
    new = script.with_suffix(".new")
    new.write_text(text, "ascii")
    then = time.time() - age
    os.utime(new, (then, then))
    new.replace(script)


async def log_in(target, wire, path):
    """The answer to a request without credentials, and the one to alice's right answer to its challenge."""
    asked = await wire.get(path)
    login = digest.Login(digest.challenge(asked), "alice", "secret", target.path(path))
    return asked, await wire.get(path, fields=[login.field])


@spec("rpy-scripts/a-script-runs-anew-for-each-request", MUST, ANEW, needs=("path",))
async def test_a_script_runs_anew_for_each_request(page, wire):
    """
    A script is executed for every request.

    Sends:      three GETs of `run.rpy`, which shows a name made when it is executed.
    Observes:   the names: three different ones.
    """
    runs = [run(await wire.get(f"{page.path}run.rpy")) for _ in range(3)]

    assert len(set(runs)) == 3


@spec("rpy-scripts/a-cached-script-runs-once", MUST, CACHE, needs=("path",))
async def test_a_cached_script_runs_once(page, wire):
    """
    A script that calls `cache()` is executed once; later requests are given the resource that it made then.

    Sends:      three GETs of `run-cached.rpy`.
    Observes:   the names: always the same.
    """
    runs = [run(await wire.get(f"{page.path}run-cached.rpy")) for _ in range(3)]

    assert len(set(runs)) == 1


@spec("rpy-scripts/a-digest-login-works-with-cache", MUST, SAME, needs=("path",))
async def test_a_digest_login_works_with_cache(target, page, wire):
    """
    A cached script keeps its credential factory: who answers its challenge rightly gets in.

    Sends:      a GET of `digest-cached.rpy`, then the right answer to the challenge.
    Observes:   401 and a Digest challenge, then the user's own content.
    """
    asked, answered = await log_in(target, wire, f"{page.path}digest-cached.rpy")

    assert asked.status == 401
    assert answered.status == 200
    assert answered.text == "Hello, alice!"


@spec("rpy-scripts/a-digest-login-never-works-without-cache", MUST, NEVER, needs=("path",))
async def test_a_digest_login_never_works_without_cache(target, page, wire):
    """
    Without `cache()` each request has another credential factory, which refuses answers to any other's
    challenge.

    Sends:      three times: a GET of `digest.rpy`, then the right answer to the challenge.
    Observes:   401 each time, each with a new challenge.
    Look at:    a factory whose key is the same in each instance: its challenges could be made elsewhere, too.
    """
    for _ in range(3):
        asked, answered = await log_in(target, wire, f"{page.path}digest.rpy")
        assert asked.status == 401
        assert answered.status == 401
        assert digest.challenge(answered).nonce != digest.challenge(asked).nonce


@spec("rpy-scripts/a-session-counter-counts-with-cache", MUST, ONCE, needs=("path",))
async def test_a_session_counter_counts_with_cache(page, client):
    """
    A cached script keeps its interface, and so finds what it stored in the session.

    Sends:      four GETs of `counter-cached.rpy` by two visitors in turn, each with a cookie jar.
    Observes:   the numbers shown: 1 and 2 to each.
    """
    one, two = client.visitor(), client.visitor()

    counts = [count(await visitor.get(f"{page.path}counter-cached.rpy")) for visitor in (one, two, one, two)]

    assert counts == [1, 1, 2, 2]


@spec("rpy-scripts/a-session-counter-never-passes-one-without-cache", MUST, PAST_ONE, needs=("path",))
async def test_a_session_counter_never_passes_one_without_cache(page, client):
    """
    Without `cache()` each request has an interface of its own, and finds nothing under it in the session.

    Sends:      with one cookie jar: three GETs of `counter.rpy`, each after one of `counter-cached.rpy`.
    Observes:   the numbers shown: always 1, while the cached counter, in the same session, goes on.
    """
    visitor = client.visitor()

    cached, anew = [], []
    for _ in range(3):
        cached.append(count(await visitor.get(f"{page.path}counter-cached.rpy")))
        anew.append(count(await visitor.get(f"{page.path}counter.rpy")))

    assert cached == [1, 2, 3]
    assert anew == [1, 1, 1]


@spec("rpy-scripts/the-printed-counter-without-cache-may-break", MAY, PAST_ONE, needs=("path",))
async def test_the_printed_counter_without_cache_may_break(page, client, facts):
    """
    What the tutorial's own counter does without its `cache()`, where the tutorial says that it never gets
    past one.

    Sends:      three GETs of `counter-as-printed.rpy` with one cookie jar.
    Observes:   the statuses but the first, and that no number shown is past one.
    Differs:    Twisted 18.9 to 26.10 answer 500 once the script has run in their process ("an adapter was
                already registered"): zope.interface takes interfaces with the same name and module for one.
    """
    visitor = client.visitor()

    answers = [await visitor.get(f"{page.path}counter-as-printed.rpy") for _ in range(3)]

    facts["statuses_but_the_first"] = [answer.status for answer in answers[1:]]
    shown = [re.search(r"Visit #(\d{1,18})", answer.text) for answer in answers]
    # Of the first answer only this much: it hangs on whether the script has run in that process before.
    assert max([int(found[1]) for found in shown if found], default=0) <= 1


@spec("rpy-scripts/a-script-shares-the-sites-sessions", MUST, SESSION, needs=("path",))
async def test_a_script_shares_the_sites_sessions(page, client):
    """
    Sessions belong to the site: a script without `cache()` shows the same ID again, and can end the session for all
    scripts.

    Sends:      with one cookie jar: two GETs of `session.rpy` and one of `counter-cached.rpy`, one of
                `session.rpy/expire`, another of `session.rpy` and of `counter-cached.rpy`.
    Observes:   the IDs shown: twice the same, then another; the number shown last: 1.
    Look at:    a cookie of its own for each script.
    """
    visitor = client.visitor()
    first, second = [session(await visitor.get(f"{page.path}session.rpy")) for _ in range(2)]
    await visitor.get(f"{page.path}counter-cached.rpy")

    expired = await visitor.get(f"{page.path}session.rpy/expire")
    third = session(await visitor.get(f"{page.path}session.rpy"))
    counted = count(await visitor.get(f"{page.path}counter-cached.rpy"))

    assert second == first
    assert expired.text == "Your session has been expired."
    assert third != first
    assert counted == 1, f"the session was ended, and another script's counter in it goes on with {counted}"


@spec(
    "rpy-scripts/a-script-may-answer-later",
    MUST,
    LATER,
    lasts=lambda _: DELAY,
    needs=("path",),
    only_real=GLOBAL,
)
async def test_a_script_may_answer_later(target, page, wire):
    """
    The tutorial's delayed resource works in a script: silent for its delay, then whole.

    Sends:      one GET of `asynchronous.rpy`, asked to wait one second instead of five.
    Observes:   the body, and the seconds until the first byte.
    Tolerance:  `early` and `slack` of [timing].
    """
    answer = await wire.get(f"{page.path}asynchronous.rpy?s={DELAY}")

    assert answer.complete, answer.problem
    assert answer.status == 200
    assert answer.body == b"<html><body>Sorry to keep you waiting.</body></html>"
    assert answer.waited in Window.around(DELAY, target.timing)


def served_from_here(answer):
    """A server that does not find what we put there serves other scripts than those that we may edit."""
    if answer.status == 404:
        raise NotObservable("the server does not serve the directory that $WEB60_ASSETS names: nothing can be edited")


@spec("rpy-scripts/an-edit-is-seen-at-the-next-request", MUST, ANEW, witnesses=("files",), needs=("path",))
async def test_an_edit_is_seen_at_the_next_request(target, page, wire):
    """
    Who edits a script sees the change at the next request, without a restart.

    Sends:      a GET of a script that we put beside the others, and another one after it was replaced.
    Observes:   both bodies: each what the script says then.
    Look at:    compiled scripts that are kept by name, or by a date that is coarser than the pace of work.
    """
    script = target.assets / "rpy" / f"edited-{target.token()}.rpy"
    try:
        # Words of one length: whoever compares sizes sees no change.
        put(script, said("first"), age=AGE)
        before = await wire.get(page.path + script.name)
        put(script, said("later"))
        after = await wire.get(page.path + script.name)
    finally:
        script.unlink(missing_ok=True)

    served_from_here(before)
    assert before.text == "first"
    assert after.text == "later"


@spec("rpy-scripts/an-edit-of-a-cached-script-may-go-unseen", MAY, CACHE, witnesses=("files",), needs=("path",))
async def test_an_edit_of_a_cached_script_may_go_unseen(target, page, wire, facts):
    """
    Whether an edit of a cached script is seen at the next request.

    Sends:      a GET of a cached script that we put beside the others, and another one after it was replaced.
    Observes:   both bodies.
    Differs:    Twisted 18.9 to 26.10 keep the first resource until they are restarted.
    """
    script = target.assets / "rpy" / f"edited-{target.token()}.rpy"
    try:
        put(script, "cache()\n" + said("before"), age=AGE)
        before = await wire.get(page.path + script.name)
        put(script, "cache()\n" + said("after"))
        after = await wire.get(page.path + script.name)
    finally:
        script.unlink(missing_ok=True)

    served_from_here(before)
    facts["seen"] = after.text == "after"
    assert before.text == "before"


@spec("rpy-scripts/a-script-is-never-shown", MUST, ANEW, needs=("path",))
async def test_a_script_is_never_shown(page, wire):
    """
    Scripts are executed, not served: no spelling of a script's address shows its source.

    Sends:      GETs of `run.rpy` spelled in several ways: with a query, a slash, a word, a dot, a NUL or another
                ending behind it, with escaped letters, in capitals, by way of other directories.
    Observes:   that no answer contains a line of the script.
    Differs:    most of the spellings are not found, 404; some servers take them for the script itself.
    """
    for spelling in SPELLINGS:
        answer = await wire.get(page.path + spelling)
        assert b"from twisted" not in answer.body, f"{spelling} was answered with the script's source"


@spec("rpy-scripts/a-broken-script-is-a-server-error", SHOULD, ANEW, needs=("path",))
async def test_a_broken_script_is_a_server_error(page, wire):
    """
    A script that raises, that is no Python, or that names no resource is answered with 5xx, and harms no
    other.

    Sends:      GETs of `broken.rpy`, `unreadable.rpy` and `without-resource.rpy`, then of `run.rpy`.
    Observes:   the statuses; that the last script works; that another client is served.
    """
    for name in ("broken", "unreadable", "without-resource"):
        answer = await wire.get(f"{page.path}{name}.rpy")
        assert answer.status // 100 == 5, f"{name}.rpy was answered with {answer.status}"
    next_one = await wire.get(f"{page.path}run.rpy")

    assert run(next_one) != ""
    await wire.ping()


@spec("rpy-scripts/the-command-line-serves-a-wsgi-application", MUST, COMMAND, needs=("wsgi",))
async def test_the_command_line_serves_a_wsgi_application(page, wire):
    """
    `twistd web --wsgi module.application` serves the application, as a resource in a script would.

    Sends:      one GET of its page.
    Observes:   status, type and body.
    """
    answer = await wire.get(page.wsgi)

    assert answer.status == 200
    assert answer.fields.get("content-type") == "text/plain"
    assert answer.text.strip() == "Hello, world!"


@spec("rpy-scripts/a-script-may-hold-a-wsgi-application", MUST, EXAMPLE, needs=("path",), only_real=GLOBAL)
async def test_a_script_may_hold_a_wsgi_application(page, wire):
    """
    The tutorial's WSGI application works as the resource of a script, and for everything below it.

    Sends:      GETs of `wsgi.rpy` and of an address below it.
    Observes:   status, type and body.
    """
    for address in ("wsgi.rpy", "wsgi.rpy/below/it"):
        answer = await wire.get(page.path + address)
        assert answer.status == 200
        assert answer.fields.get("content-type") == "text/plain"
        assert answer.body == b"Hello, world!"
