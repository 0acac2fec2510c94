"""
WSGI, the container: the tutorial's application, its threads, and the end of each call.
"""

from harness import MUST, NotOffered, Window, gather, pep, spec, tutorial
from specs.wsgi_reports import below

HELLO = tutorial("wsgi", "start_response('200 OK', [('Content-type', 'text/plain')])")
MULTITHREADED = tutorial("wsgi", "It is a multithreaded WSGI container.")
IN_PARALLEL = tutorial("wsgi", "finer control over how many WSGI requests are served in parallel")
CLOSE = pep(3333, "Specification Details", "must call that method upon completion of the current request")

#: Seconds within which close() follows the end of a call: nothing is left to wait for.
AT_ONCE = 2.0

#: A page that goes on giving blocks for a while after its client has left: how many, and the seconds between them.
BLOCKS, GAP = 15, 0.1

#: Seconds by which an answer must come before another to be the earlier one; what an event loop was held up with comes
#: at one moment.
EARLIER = 0.01


def hold(target):
    """
    Seconds for which a call blocks: if two of them are not side by side, they take longer than `slack` allows, also
    where `slack` is nothing.
    """
    return 2 * target.timing.slack + 0.1


async def life(token, target, clock, events, within=AT_ONCE):
    """The names of all events of a call, after close() has been called and had time to be called again."""
    await events.wait("close", token, within=within)
    await clock.sleep(target.timing.quiet, "a second close()")
    await events.settle()
    return [event.name for event in events.of(token)]


@spec("wsgi/hello-world-arrives-as-the-application-gave-it", MUST, HELLO)
async def test_hello_world_arrives_as_the_application_gave_it(page, wire):
    """
    The tutorial's application is answered: its status, its Content-type, its greeting.

    Sends:      one GET.
    Observes:   status, Content-Type and body.
    Look at:    the profile's `hello`; without it, /hello of the suite's application is asked.
    """
    answer = await wire.get(page.hello or below(page, "/hello"))

    assert answer.status == 200
    assert answer.fields.get("Content-Type") == "text/plain"
    assert answer.body == b"Hello, world!"


@spec("wsgi/blocking-calls-run-side-by-side", MUST, IN_PARALLEL, needs=("threads",), lasts=hold, alone="page")
async def test_blocking_calls_run_side_by_side(target, page, wire):
    """
    As many calls as the profile's `threads` may block at once, and none waits for another.

    Sends:      so many GETs at once of a page that sleeps in the application's call.
    Observes:   when each answer comes.
    Tolerance:  the profile's `early` and `slack`; the sleep is a little longer than twice `slack`.
    Differs:    threads and processes are one as good as the other; a profile with one thread does not offer this.
    Look at:    the size of the thread pool, and who else uses it.
    """
    if page.threads == 1:
        raise NotOffered("the profile's threads = 1: one call after another")
    path = below(page, f"/block?seconds={hold(target)}")
    answers = await gather(*(wire.get(path) for _ in range(page.threads)))

    for answer in answers:
        assert answer.body == b"waited\n"
    for answer in answers:
        assert answer.took in Window.around(hold(target), target.timing)


@spec("wsgi/other-pages-are-served-meanwhile", MUST, MULTITHREADED, lasts=hold, alone="page")
async def test_other_pages_are_served_meanwhile(target, page, wire, clock):
    """
    While calls of the application block, all threads but one, another page is answered at once.

    Sends:      GETs of a page that gives a block and then sleeps; when all the blocks are there, a `ping`.
    Observes:   that `ping` is answered before any of the calls is over, and how soon.
    Tolerance:  the profile's `slack`; the sleep is a little longer than twice that.
    Differs:    where `ping` is the application's own it needs a thread, so one is left; with one thread there is none.
    Look at:    whether the application is called in the thread that serves everybody.
    """
    if page.threads == 1:
        raise NotOffered("the profile's threads = 1: no other page while a call blocks")
    conversations = await wire.open_many(page.threads - 1)
    for conversation in conversations:
        conversation.request("GET", below(page, f"/drip?blocks=2&gap={hold(target)}"))
    await gather(*(conversation.first_byte() for conversation in conversations))
    asked = clock.now()
    await wire.ping()
    answered = clock.now()
    answers = await gather(*(conversation.answer() for conversation in conversations))

    for answer in answers:
        assert answer.body == b"block 0\nblock 1\n"
    left_to_block = min(answer.last_at for answer in answers) - answered
    assert left_to_block in Window(EARLIER)
    assert answered - asked in Window.until(target.timing.slack)


@spec(
    "wsgi/close-is-called-once-after-a-normal-end",
    MUST,
    CLOSE,
    witnesses=("asset-events",),
    lasts=lambda target: target.timing.quiet,
)
async def test_close_is_called_once_after_a_normal_end(target, page, wire, clock, events):
    """
    The application is called once for a request, its iterable is used up, then closed, once.

    Sends:      one GET, answered to its end, on a connection that stays open.
    Observes:   the application's own record of its call, for the profile's `quiet` after the first close().
    """
    token = target.token()
    conversation = await wire.open()
    conversation.request("GET", below(page, "/drip?blocks=2&gap=0&id={id}"), id=token)
    answer = await conversation.answer()
    names = await life(token, target, clock, events)

    assert answer.body == b"block 0\nblock 1\n"
    assert names == ["start", "done", "close"]


@spec(
    "wsgi/close-is-called-once-after-the-client-left",
    MUST,
    CLOSE,
    witnesses=("asset-events",),
    lasts=lambda target: BLOCKS * GAP + target.timing.quiet,
)
async def test_close_is_called_once_after_the_client_left(target, page, wire, clock, events):
    """
    The iterable is closed, once, when its client has left amid the answer.

    Sends:      two GETs of a page that drips; after the first block one connection is closed, the other reset.
    Observes:   the application's own record of its calls, for the profile's `quiet` after the first close().
    Differs:    a server may notice at once, at its next write, or use the iterable up before it closes it.
    Look at:    what becomes of the iterable when writing fails.
    """

    async def left(how):
        token = target.token()
        conversation = await wire.open()
        conversation.request("GET", below(page, f"/drip?blocks={BLOCKS}&gap={GAP}&id={{id}}"), id=token)
        await conversation.first_byte()
        if how == "closed":
            conversation.close()
        else:
            conversation.abort()
        names = await life(token, target, clock, events, within=BLOCKS * GAP + AT_ONCE)
        return [name for name in names if name != "done"]

    lives = await gather(left("closed"), left("reset"))

    assert lives == [["start", "close"], ["start", "close"]]
    await wire.ping()


@spec(
    "wsgi/close-is-called-once-after-an-exception",
    MUST,
    CLOSE,
    witnesses=("asset-events",),
    lasts=lambda target: target.timing.quiet,
)
async def test_close_is_called_once_after_an_exception(target, page, wire, clock, events):
    """
    The iterable is closed, once, when iterating over it raised.

    Sends:      one GET each of a page that raises in its first step, and of one that raises after its first block.
    Observes:   the application's own record of its calls, for the profile's `quiet` after the first close().
    Look at:    whether close() is called in a `finally`.
    """

    async def raised(path):
        token = target.token()
        conversation = await wire.open()
        conversation.request("GET", below(page, path + "?id={id}"), id=token)
        return await life(token, target, clock, events)

    lives = await gather(raised("/raise/iterating"), raised("/raise/later"))

    assert lives == [["start", "close"], ["start", "close"]]
    await wire.ping()
