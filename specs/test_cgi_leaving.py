"""
CGI, the end: what becomes of a script whose client has left, and of one that is done.
"""

import json
import re
from pathlib import Path

from harness import MUST, NotObservable, gather, rfc, spec

EXECUTES = rfc(3875, "3.1", "executes the script and converts the CGI response into a response")
ANY_TIME = rfc(3875, "3.4", "the server can interrupt or terminate script execution at any time")


def patience(target):
    """Seconds within which what a server does of its own accord must have happened."""
    return target.timing.slack + target.timing.quiet


def machine():
    """This machine as the scripts name theirs: where the names differ, process numbers mean nothing."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def state(pid):
    """The letter that Linux has for a process's state, Z for a zombie; empty where no such process is."""
    try:
        # The name before it is in parentheses, and may have spaces and parentheses of its own.
        return Path(f"/proc/{pid}/stat").read_text("latin-1").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


async def begin(target, page, wire, events, script, seconds):
    """A conversation in which a script of so many seconds has begun to run, and its ID."""
    token = target.token()
    conversation = await wire.open()
    conversation.request("GET", page.base + script + "?id={id}&s={s}", id=token, s=seconds)
    await events.wait("start", token, within=5.0)
    return conversation, token


@spec(
    "cgi/a-talkative-script-ends-when-its-client-leaves",
    MUST,
    ANY_TIME,
    needs=("kill=idle|write",),
    witnesses=("asset-events",),
    lasts=lambda target: patience(target) + target.timing.slack,
)
async def test_a_talkative_script_ends_when_its_client_leaves(target, page, wire, events, clock):
    """
    A script that goes on writing is ended, by a signal or a closed pipe, when its client has gone.

    Sends:      a GET of talkative.py, and a FIN once it runs.
    Observes:   the script's own events: no `done` when its time is over.
    Tolerance:  `slack` + `quiet` to notice; the script would take so long.
    Differs:    many servers let it finish: their profile says `kill = "never"`.
    Look at:    whether the server collects the output before it sends any: then it never notices.
    """
    conversation, token = await begin(target, page, wire, events, "talkative.py", patience(target))

    conversation.close()
    await clock.sleep(patience(target) + target.timing.slack, "the script's own time to be over")
    await events.settle()

    assert events.of(token, "done") == ()
    await wire.ping()


@spec(
    "cgi/a-silent-script-ends-when-its-client-leaves",
    MUST,
    ANY_TIME,
    needs=("kill=idle",),
    witnesses=("asset-events",),
    lasts=lambda target: patience(target) + target.timing.slack,
)
async def test_a_silent_script_ends_when_its_client_leaves(target, page, wire, events, clock):
    """
    A script that writes nothing is ended all the same when its client has closed the connection.

    Sends:      a GET of silent.py, and a FIN once it runs.
    Observes:   the script's own events: no `done` when its time is over.
    Tolerance:  `slack` + `quiet` to notice; the script would take so long.
    Differs:    no server is known that does this: it is promised only where `kill = "idle"`.
    Look at:    closing the script's pipes is not enough, for it neither reads nor writes: it takes a signal.
    """
    conversation, token = await begin(target, page, wire, events, "silent.py", patience(target))

    conversation.close()
    await clock.sleep(patience(target) + target.timing.slack, "the script's own time to be over")
    await events.settle()

    assert events.of(token, "done") == ()
    await wire.ping()


@spec(
    "cgi/a-silent-script-ends-when-its-client-resets",
    MUST,
    ANY_TIME,
    needs=("kill=idle|rst",),
    witnesses=("asset-events",),
    lasts=lambda target: patience(target) + target.timing.slack,
)
async def test_a_silent_script_ends_when_its_client_resets(target, page, wire, events, clock):
    """
    A script that writes nothing is ended when its client has reset the connection.

    Sends:      a GET of silent.py, and an RST once it runs.
    Observes:   the script's own events: no `done` when its time is over.
    Tolerance:  `slack` + `quiet` to notice; the script would take so long.
    Look at:    closing the script's pipes is not enough, for it neither reads nor writes: it takes a signal.
    """
    conversation, token = await begin(target, page, wire, events, "silent.py", patience(target))

    conversation.abort()
    await clock.sleep(patience(target) + target.timing.slack, "the script's own time to be over")
    await events.settle()

    assert events.of(token, "done") == ()
    await wire.ping()


@spec(
    "cgi/a-script-outlives-its-client",
    MUST,
    ANY_TIME,
    needs=("kill=never",),
    witnesses=("asset-events",),
    lasts=lambda target: target.timing.slack,
)
async def test_a_script_outlives_its_client(target, page, wire, events):
    """
    A script that was begun comes to its end, whether it writes or not, though nobody waits for it any more.

    Sends:      a GET of silent.py and one of talkative.py, and a FIN once each runs.
    Observes:   the scripts' own events: `done`.
    Tolerance:  `slack` + `quiet` beyond the script's own time.
    Look at:    who goes on reading the script's output: a pipe that nobody empties stops it.
    """

    async def leave(script):
        conversation, token = await begin(target, page, wire, events, script, target.timing.slack)
        conversation.close()
        await events.wait("done", token, within=target.timing.slack + patience(target))

    await gather(leave("silent.py"), leave("talkative.py"))
    await wire.ping()


@spec("cgi/no-zombie-stays", MUST, EXECUTES)
async def test_no_zombie_stays(target, page, wire, clock):
    """
    A script that has ended is buried: its number does not stay in the table of processes.

    Sends:      one GET of identity.py, which answers its process number; then a ping.
    Observes:   /proc, where the target runs on this machine.
    Tolerance:  `slack` + `quiet` after the ping.
    Differs:    some servers bury only at the next request; they get one.
    Look at:    who waits for the script's end; a container without an init process.
    """
    answer = await wire.get(page.base + "identity.py")
    try:
        identity = json.loads(answer.body)
    except ValueError:
        message = f"identity.py did not answer what it is, but {answer.body[:100]!r}"
        raise AssertionError(message) from None
    if identity["machine"] is None or identity["machine"] != machine():
        message = (
            "the script runs on another machine, or in a container: its process cannot be seen from here"
        )
        raise NotObservable(message)

    await wire.ping()
    until = clock.now() + patience(target)
    while state(identity["pid"]) and clock.now() < until:
        await clock.sleep(0.05, "the script to be buried")

    assert state(identity["pid"]) != "Z", f"process {identity['pid']} is a zombie"


@spec(
    "cgi/no-zombie-stays-of-an-abandoned-script",
    MUST,
    ANY_TIME,
    lasts=lambda target: target.timing.slack,
)
async def test_no_zombie_stays_of_an_abandoned_script(target, page, wire, clock):
    """
    A script whose client has left is buried as well, however it ends.

    Sends:      one GET of talkative.py, which tells its process number at once; then a FIN; later a ping.
    Observes:   /proc, where the target runs on this machine and does not hold the script's header back.
    Tolerance:  `slack` + `quiet` beyond the script's own time.
    Differs:    some servers bury only at the next request; they get one.
    Look at:    who waits for the script's end when nobody waits for its answer.
    """
    conversation = await wire.open()
    conversation.request("GET", page.base + "talkative.py?id={id}&s={s}", s=target.timing.slack)
    process = None
    until = clock.now() + target.timing.slack + patience(target)
    while process is None and not conversation.is_gone and clock.now() < until:
        await clock.sleep(0.02, "the script to tell its process")
        process = re.search(rb"(?i)\nX-Web60-Process: (\d+) ([^\r\n]*)\r?\n", conversation.received)
    if process is None or process[2].decode("latin-1") != machine():
        message = (
            "the script's process cannot be seen from here: its header is held back, or it runs elsewhere"
        )
        raise NotObservable(message)
    pid = int(process[1])

    conversation.close()
    until = clock.now() + target.timing.slack + patience(target)
    while state(pid) not in ("", "Z") and clock.now() < until:
        await clock.sleep(0.05, "the script to end")
    await wire.ping()
    until = clock.now() + patience(target)
    while state(pid) == "Z" and clock.now() < until:
        await clock.sleep(0.05, "the script to be buried")

    assert state(pid) != "Z", f"process {pid} is a zombie"
