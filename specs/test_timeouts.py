"""
Setting timeouts: work that takes too long is given up; work that does not is left alone.
"""

from harness import MAY, MUST, NotObservable, Window, gather, spec, tutorial

FAILED = tutorial("timeouts", "regard an asynchronous operation as having failed")
TELL = tutorial("timeouts", "perhaps you need to tell your user that their request has timed out")
CANCEL = tutorial("timeouts", "make sure the timeout gets cancelled as soon as the deferred fires")
EITHER = tutorial("timeouts", "either with an error or with a successful result")
QUICK = tutorial("timeouts", "simulates delaying the result somewhat, this figure won't trigger")
PASSED = tutorial("timeouts", "tell the reactor to call our timeout function after TIMEOUT seconds have")
END = tutorial("timeouts", "Most likely you should have some way to end the task")

#: Parts of `after`: work well within it, its latest answer that no timeout had a part in, and work that is
#: a little too long.
SOON, STILL_SOON, TOO_LATE = 0.25, 0.9, 1.25

#: The longest work of a schedule, as a part of `after`.
LONGEST = 3.0

#: Parts of `after` at which quick work begins that is to overlap with other quick work all the time.
BEGUN = (0.0, 0.2, 0.4, 0.6, 0.8)

#: Slow requests at the same time.
SEVERAL = 4

#: A server that says this of a failure may say it of a timeout, too; a timeout's other statuses are its own.
ANY_FAILURE = 500


def endless(page):
    """Seconds of work that a server which does not give up would still be at when its answer is overdue."""
    return 2 * page.after + 2 * page.slack


def in_time(target, page):
    """When the answer to work that takes too long may come."""
    return Window(page.after - target.timing.early, page.after + page.slack)


def on_its_own(target, page):
    """When the answer to quick work may come: with the usual slack, but before a timeout had a part in it."""
    usual = Window.around(SOON * page.after, target.timing)
    return Window(usual.low, min(usual.high, STILL_SOON * page.after))


@spec("timeouts/slow-work-is-given-up", MUST, TELL, lasts=lambda target: target.timeouts.after)
async def test_slow_work_is_given_up(page, wire):
    """
    Work that takes too long is answered with the status of a timeout, not with its result.

    Sends:      one GET whose work takes more than twice `after`.
    Observes:   the status: one of the profile's `status`, and a 5xx.
    Differs:    504 and 503 are both in use, 500 too.
    """
    answer = await wire.get(page.path, s=endless(page))

    assert answer.status in page.status
    assert answer.status >= 500
    assert answer.complete, answer.problem


@spec("timeouts/giving-up-comes-at-its-time", MUST, PASSED, lasts=lambda target: target.timeouts.after)
async def test_giving_up_comes_at_its_time(target, page, wire):
    """
    Slow work is given up neither before its time nor much later.

    Sends:      one GET whose work takes more than twice `after`.
    Observes:   seconds from our last byte sent to the first byte of the answer.
    Tolerance:  `early` of [timing], `slack` of [timeouts].
    """
    answer = await wire.get(page.path, s=endless(page))

    assert answer.status in page.status
    assert answer.waited in in_time(target, page)


@spec("timeouts/quick-work-gives-its-own-result", MUST, QUICK, lasts=lambda target: SOON * target.timeouts.after)
async def test_quick_work_gives_its_own_result(target, page, wire):
    """
    Work that is over in time is answered with its result, when it is over.

    Sends:      one GET whose work takes a quarter of `after`.
    Observes:   the status (2xx), a whole body, and the seconds until the first byte.
    Tolerance:  `early` and `slack` of [timing], but less than `after`.
    """
    answer = await wire.get(page.path, s=SOON * page.after)

    assert answer.status // 100 == 2
    assert answer.complete, answer.problem
    assert answer.waited in on_its_own(target, page)


@spec(
    "timeouts/quick-work-beside-slow-work-is-left-alone",
    MUST,
    CANCEL,
    lasts=lambda target: target.timeouts.after,
)
async def test_quick_work_beside_slow_work_is_left_alone(target, page, wire, clock):
    """
    That one request times out harms no other, and that another is quick saves none.

    Sends:      on connections of their own: a GET with slow work, and, from then on until it is given up, one
                after another with quick work, each begun before the last one is over.
    Observes:   the statuses, and the seconds until the first byte of each.
    Tolerance:  `early` and `slack` of [timing], but less than `after`; `slack` of [timeouts] for the slow one.
    Look at:    one timer for all requests.
    """

    async def quick(begun):
        await clock.sleep(begun * page.after, "the next quick work")
        return await wire.get(page.path, s=SOON * page.after)

    slow, *others = await gather(wire.get(page.path, s=endless(page)), *map(quick, BEGUN))

    assert slow.status in page.status
    for answer in others:
        assert answer.status // 100 == 2
    for answer in others:
        assert answer.waited in on_its_own(target, page)
    assert slow.waited in in_time(target, page)


@spec("timeouts/slow-ones-time-out-together", MUST, PASSED, lasts=lambda target: target.timeouts.after)
async def test_slow_ones_time_out_together(target, page, wire):
    """
    Requests at the same time have timeouts at the same time, not one after another.

    Sends:      four GETs together whose work takes more than twice `after`.
    Observes:   the statuses, and the seconds until the first byte of each.
    Tolerance:  `early` of [timing], `slack` of [timeouts].
    Look at:    work or waiting that blocks a thread or the reactor.
    """
    together = min(target.parallel, SEVERAL)

    answers = await gather(*(wire.get(page.path, s=endless(page)) for _ in range(together)))

    for answer in answers:
        assert answer.status in page.status
    for answer in answers:
        assert answer.waited in in_time(target, page)


@spec(
    "timeouts/failing-work-reports-its-own-failure",
    MUST,
    EITHER,
    needs=("fails",),
    lasts=lambda target: SOON * target.timeouts.after,
)
async def test_failing_work_reports_its_own_failure(target, page, wire):
    """
    Work that fails in time is answered with its failure, when it fails; nothing has timed out.

    Sends:      one GET whose work fails after a quarter of `after`.
    Observes:   the status: an error, and not that of a timeout; the seconds until the first byte.
    Tolerance:  `early` and `slack` of [timing], but less than `after`.
    Differs:    any 4xx or 5xx; 500 also where the profile gives it as the status of a timeout.
    """
    answer = await wire.get(page.fails, s=SOON * page.after)

    assert answer.status >= 400
    assert answer.status not in set(page.status) - {ANY_FAILURE}
    assert answer.waited in on_its_own(target, page)


@spec(
    "timeouts/nothing-follows-quick-work",
    MUST,
    CANCEL,
    lasts=lambda target: (1 + SOON) * target.timeouts.after + target.timeouts.slack,
)
async def test_nothing_follows_quick_work(page, wire, clock):
    """
    The answer to quick work is the only one: when its timeout would have come, the connection stays silent.

    Sends:      a GET with quick work; on the same connection, when the timeout would have come, a second one, which
                has a time of its own.
    Observes:   the bytes received until then: the one answer; and that the second is answered with its
                result, too.
    Differs:    the server may close the connection after an answer; then it has nothing to say on it.
    Look at:    the timer, if it is not cancelled.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path, s=SOON * page.after)
    first = await conversation.answer()

    await clock.sleep(page.after + page.slack - SOON * page.after, "the timeout would have come")
    received = conversation.received
    conversation.request("GET", page.path, s=SOON * page.after)
    second = await conversation.answer_if_any()

    assert first.status // 100 == 2
    assert received == first.raw
    if second is not None:
        assert second.status // 100 == 2
    await wire.ping()


@spec(
    "timeouts/nothing-follows-a-timeout",
    MUST,
    FAILED,
    lasts=lambda target: TOO_LATE * target.timeouts.after + target.timeouts.slack,
)
async def test_nothing_follows_a_timeout(page, wire, clock):
    """
    Work that is over after its timeout adds nothing to the answer that was given.

    Sends:      a GET whose work is over a little after its timeout; on the same connection, after that, one
                with quick work.
    Observes:   the bytes received until then: the one answer; and that the second is answered with its
                result.
    Differs:    the server may close the connection after an answer, and may stop the work or let it go on.
    Look at:    the result of abandoned work: it finds its request finished.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path, s=TOO_LATE * page.after)
    first = await conversation.answer()

    await clock.sleep(TOO_LATE * page.after + page.slack - page.after, "the work would be over")
    received = conversation.received
    conversation.request("GET", page.path, s=0)
    second = await conversation.answer_if_any()

    assert first.status in page.status
    assert received == first.raw
    if second is not None:
        assert second.status // 100 == 2
    await wire.ping()


@spec(
    "timeouts/work-failing-after-its-timeout-adds-nothing",
    MUST,
    FAILED,
    needs=("fails",),
    lasts=lambda target: TOO_LATE * target.timeouts.after + target.timeouts.slack,
)
async def test_work_failing_after_its_timeout_adds_nothing(page, wire, clock):
    """
    Work that fails after its timeout is a timeout, and its failure adds nothing to the answer that was given.

    Sends:      a GET whose work fails a little after its timeout.
    Observes:   the status, and the bytes received until the work has failed: the one answer; another client
                is served.
    """
    conversation = await wire.open()
    conversation.request("GET", page.fails, s=TOO_LATE * page.after)
    answer = await conversation.answer()

    await clock.sleep(TOO_LATE * page.after + page.slack - page.after, "the work would have failed")

    assert answer.status in page.status
    assert conversation.received == answer.raw
    await wire.ping()


@spec(
    "timeouts/a-timeout-is-told-once",
    MUST,
    TELL,
    witnesses=("events",),
    lasts=lambda target: target.timeouts.after + target.timing.quiet,
)
async def test_a_timeout_is_told_once(target, page, wire, events, clock):
    """
    The server's own side learns of a timeout: one `timeout` event, when it happens.

    Sends:      one GET whose work takes more than twice `after`.
    Observes:   the `timeout` events of this request, until a `quiet` time after the answer.
    Tolerance:  `early` of [timing], `slack` of [timeouts].
    """
    token = target.token()

    answer = await wire.get(page.path, id=token, s=endless(page))
    event = await events.wait("timeout", token, within=page.slack)
    await clock.sleep(target.timing.quiet, "no second event may come")
    await events.settle()

    assert answer.status in page.status
    assert len(events.of(token, "timeout")) == 1
    assert event.at - answer.sent_at in in_time(target, page)


@spec(
    "timeouts/no-timeout-is-told-of-quick-work",
    MUST,
    CANCEL,
    witnesses=("events",),
    lasts=lambda target: target.timeouts.after + target.timeouts.slack,
)
async def test_no_timeout_is_told_of_quick_work(target, page, wire, events, clock):
    """
    The timer of quick work is cancelled: no `timeout` event comes when it would have run out.

    Sends:      together: a GET with quick work, and one with slow work, whose event shows that timeouts are
                told.
    Observes:   the events of both requests, until `slack` after the timeout.
    Look at:    the timer, if it is not cancelled.
    """
    quick, slow = target.token(), target.token()

    answers = await gather(
        wire.get(page.path, id=quick, s=SOON * page.after),
        wire.get(page.path, id=slow, s=endless(page)),
    )
    await clock.sleep(page.slack, "a late timeout would be told")
    await events.settle()

    assert answers[0].status // 100 == 2
    if not events.of(slow, "timeout"):
        raise NotObservable("the target tells of no timeout at all")
    assert events.of(quick, "timeout") == ()


@spec(
    "timeouts/abandoned-work-may-go-on",
    MAY,
    END,
    witnesses=("events",),
    lasts=lambda target: TOO_LATE * target.timeouts.after + target.timing.quiet,
)
async def test_abandoned_work_may_go_on(target, page, wire, events, clock, facts):
    """
    Whether work goes on after its timeout: a `done` event comes if it does.

    Sends:      a GET whose work is over a little after its timeout.
    Observes:   the `done` events of this request, until a `quiet` time after the work would be over.
    """
    token = target.token()

    answer = await wire.get(page.path, id=token, s=TOO_LATE * page.after)
    await clock.sleep((TOO_LATE - 1) * page.after + target.timing.quiet, "the work would be over")
    await events.settle()

    facts["goes_on"] = events.of(token, "done") != ()
    assert answer.status in page.status


def schedules():
    """Work of many durations, asked for at many moments."""
    from specs.timeout_schedules import Works  # noqa: PLC0415 - the catalogue is read without Hypothesis

    return Works


@spec(
    "timeouts/every-schedule-of-work-answers-each-at-its-time",
    MUST,
    PASSED,
    lasts=lambda target: (LONGEST + 1) * target.timeouts.after + target.timeouts.slack,
    schedules=schedules,
    only_virtual="it tries schedules of minutes by the dozen",
)
async def test_every_schedule_of_work_answers_each_at_its_time(schedule):
    """
    However much work is asked for when: each is answered when it is over or given up, and for itself alone.

    Sends:      schedules of up to ten GETs, each on a connection of its own, at once or up to one and a half
                `after` apart, with work of nothing to three times `after`, close to it on both sides; some of it
                fails, where the profile has `fails`.
    Observes:   status and seconds until the first byte of each; that nothing follows an answer; where there are
                events, one `timeout` of work that was given up and none of other work, and no second `done`.
    Tolerance:  none; where the profile names a `slack`, a timeout may come within it.
    Differs:    abandoned work may go on, and be told done when it is over.
    Look at:    the schedule that is shown: it is the shortest that fails.
    """
    await schedule.all_is_over()
