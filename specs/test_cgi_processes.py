"""
CGI, seen from the system: what becomes of a script that is done or left, and of output that nobody reads.
"""

import json
import math
import os
import re
from pathlib import Path

from harness import MUST, NotObservable, Window, gather, rfc, spec

EXECUTES = rfc(3875, "3.1", "executes the script and converts the CGI response into a response")
READ_ALL = rfc(3875, "6.4", "The server MUST read all the data provided by the script")
ANY_TIME = rfc(3875, "3.4", "the server can interrupt or terminate script execution at any time")

#: No time is in it: who notices too late that a client has left fails on time alone, and is asked again.
NEVER = Window(math.inf)

#: What large.py prints: the size and the number of its numbered blocks, and what fills them; 50 MiB in all.
BLOCK = 65536
BLOCKS = 800
PADDING = b"." * (BLOCK - 16)
HALF = BLOCK * BLOCKS // 2

MEBIBYTE = 2**20

#: Seconds in which talkative.py, 1,000 bytes every 20 ms and a little, writes more than the 64 KiB of a pipe on Linux.
FILLS_A_PIPE = 2.0


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
    """
    The letter that Linux has for a process's state (Z for a zombie), and the number of its parent.

    Nothing and 0 where no such process is.
    """
    try:
        # The name before it is in parentheses, and may have spaces and parentheses of its own.
        letter, parent = Path(f"/proc/{pid}/stat").read_text("latin-1").rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    return letter, int(parent)


def resident(pid):
    """Bytes of memory that a process holds; nothing once it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


async def begin(target, page, wire, events, script, seconds):
    """A conversation in which a script of so many seconds has begun to run, and its ID."""
    token = target.token()
    conversation = await wire.open()
    conversation.request("GET", page.base + script + "?id={id}&s={s}", id=token, s=seconds)
    await events.wait("start", token, within=5.0)
    return conversation, token


async def come_to_nothing(target, events, clock, token):
    """Wait until the time of a script whose client has just left is over; it must not have got so far."""
    left = clock.now()
    await clock.sleep(patience(target) + target.timing.slack, "the script's own time to be over")
    await events.settle()
    for done in events.of(token, "done"):
        assert done.at - left in NEVER, "the script came to its end, though its client had left"


@spec(
    "cgi/a-talkative-script-ends-when-its-client-leaves",
    MUST,
    ANY_TIME,
    needs=("kill=idle|write",),
    witnesses=("asset-events",),
    lasts=lambda target: patience(target) + target.timing.slack,
    only_real="a script that takes its time takes real time",
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

    await come_to_nothing(target, events, clock, token)
    await wire.ping()


@spec(
    "cgi/a-silent-script-ends-when-its-client-leaves",
    MUST,
    ANY_TIME,
    needs=("kill=idle",),
    witnesses=("asset-events",),
    lasts=lambda target: patience(target) + target.timing.slack,
    only_real="a script that takes its time takes real time",
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

    await come_to_nothing(target, events, clock, token)
    await wire.ping()


@spec(
    "cgi/a-silent-script-ends-when-its-client-resets",
    MUST,
    ANY_TIME,
    needs=("kill=idle|rst",),
    witnesses=("asset-events",),
    lasts=lambda target: patience(target) + target.timing.slack,
    only_real="a script that takes its time takes real time",
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

    await come_to_nothing(target, events, clock, token)
    await wire.ping()


@spec(
    "cgi/a-script-outlives-its-client",
    MUST,
    ANY_TIME,
    needs=("kill=never",),
    witnesses=("asset-events",),
    lasts=lambda _: FILLS_A_PIPE,
    only_real="a script that takes its time takes real time",
)
async def test_a_script_outlives_its_client(target, page, wire, events):
    """
    A script that was begun comes to its end, whether it writes or not, though nobody waits for it any more.

    Sends:      a GET of silent.py and one of talkative.py, and a FIN once each runs.
    Observes:   the scripts' own events: `done`.
    Tolerance:  `slack` + `quiet` beyond the script's own time, in which talkative.py writes more than a pipe holds.
    Look at:    who goes on reading the script's output: a pipe that nobody empties stops it.
    """

    async def leave(script):
        conversation, token = await begin(target, page, wire, events, script, FILLS_A_PIPE)
        conversation.close()
        await events.wait("done", token, within=FILLS_A_PIPE + patience(target))

    await gather(leave("silent.py"), leave("talkative.py"))
    await wire.ping()


@spec("cgi/no-zombie-stays", MUST, EXECUTES)
async def test_no_zombie_stays(target, page, wire, clock):
    """
    A script that has ended is buried: its number does not stay in the table of processes.

    Sends:      one GET of identity.py, which answers its process number; then a ping.
    Observes:   /proc, where the target runs on this machine.
    Tolerance:  `slack` + `quiet` after the ping.
    Differs:    some servers bury only at the next request; they get one.  Where the script's parent has ended
                before it, the dead is the system's to bury.
    Look at:    who waits for the script's end.
    """
    answer = await wire.get(page.base + "identity.py")
    try:
        identity = json.loads(answer.body)
    except ValueError:
        message = f"identity.py did not answer what it is, but {answer.body[:100]!r}"
        raise AssertionError(message) from None
    if identity["machine"] is None or identity["machine"] != machine():
        message = "the script runs on another machine, or in a container: its process cannot be seen from here"
        raise NotObservable(message)

    await wire.ping()
    until = clock.now() + patience(target)
    while state(identity["pid"])[0] and clock.now() < until:
        await clock.sleep(0.05, "the script to be buried")

    zombie = state(identity["pid"]) == ("Z", identity["parent"])
    assert not zombie, "the script has ended, and its parent has not waited for it"


@spec(
    "cgi/no-zombie-stays-of-an-abandoned-script",
    MUST,
    ANY_TIME,
    lasts=lambda target: 2 * target.timing.slack,
    only_real="a script that takes its time takes real time",
)
async def test_no_zombie_stays_of_an_abandoned_script(target, page, wire, clock):
    """
    A script whose client has left is buried as well, however it ends.

    Sends:      one GET of talkative.py, which tells its process number at once; then a FIN; later a ping.
    Observes:   /proc, where the target runs on this machine and does not hold the script's header back.
    Tolerance:  `slack` + `quiet` beyond the script's own time.
    Differs:    as in cgi/no-zombie-stays.
    Look at:    who waits for the script's end when nobody waits for its answer.
    """
    conversation = await wire.open()
    conversation.request("GET", page.base + "talkative.py?id={id}&s={s}", s=2 * target.timing.slack)
    process = await conversation.seen(rb"(?i)\nX-Web60-Process: (\d+) (\d+) ([^\r\n]*)\r?\n")
    if process is None or process[3].decode("latin-1") != machine() or b"finished\n" in conversation.received:
        message = "the script's process cannot be seen from here: its header is held back, or it runs elsewhere"
        raise NotObservable(message)
    pid, parent = int(process[1]), int(process[2])

    conversation.close()
    until = clock.now() + 2 * target.timing.slack + patience(target)
    while state(pid)[0] not in ("", "Z") and clock.now() < until:
        await clock.sleep(0.05, "the script to end")
    await wire.ping()
    until = clock.now() + patience(target)
    while state(pid) == ("Z", parent) and clock.now() < until:
        await clock.sleep(0.05, "the script to be buried")

    zombie = state(pid) == ("Z", parent)
    assert not zombie, "the script has ended, and its parent has not waited for it"
    await wire.ping()


#: Seconds after which a server whose memory has grown by less than a mebibyte stands still: what the script prints is
#: there in a tenth of a second (two busy cores, November 2026).
STILL = 0.3


@spec(
    "cgi/unread-output-is-not-hoarded",
    MUST,
    READ_ALL,
    lasts=lambda _: 2 * STILL,
    busy=True,
    alone="target",  # what a large answer of any page takes of the server's memory would be taken for a hoard
)
async def test_unread_output_is_not_hoarded(page, wire, clock):
    """
    However much a script prints while its client reads slowly, the server's memory does not grow with it.

    Sends:      one GET of large.py, which prints 50 MiB; it is not read until the server stands still.
    Observes:   the memory of the script's parent, in /proc, where the target runs on this machine.
    Tolerance:  half of what the script prints; the server stands still when it grew by less than 1 MiB in 0.3 s.
    Differs:    a server may hold the script back, or keep its output in a file.  Where another than its
                parent speaks to the client (Apache with mod_cgid), this sees nothing of it.
    Look at:    whether anybody stops reading from the script when the connection takes no more.
    """
    conversation = await wire.open()
    conversation.request("GET", page.base + "large.py")
    await conversation.first_byte()
    await conversation.seen(rb"\n\r?\n")
    server = re.search(rb"(?i)\nX-Web60-Server: (\d+) (\d+) ([^\r\n]*)\r?\n", conversation.received)
    conversation.pause()
    if server is None or server[3].decode("latin-1") != machine():
        message = "the server's memory cannot be seen from here: it runs on another machine, or in a container"
        raise NotObservable(message)

    grown, before = 0, -MEBIBYTE
    while before + MEBIBYTE <= grown <= HALF:
        await clock.sleep(STILL, "a hoard to grow")
        before, grown = grown, resident(int(server[1])) - int(server[2])
    conversation.abort()

    assert grown <= HALF, f"the server's memory grew by {grown // MEBIBYTE} MiB"
    await wire.ping()


@spec("cgi/a-large-output-arrives-whole", MUST, READ_ALL, busy=True, lasts=lambda _: 10.0, reads=64 * MEBIBYTE)
async def test_a_large_output_arrives_whole(page, wire):
    """
    50 MiB that a script prints arrive, every one of them.

    Sends:      one GET of large.py.
    Observes:   the length of the body, and each of its numbered blocks.
    """
    answer = await wire.get(page.base + "large.py")

    assert answer.complete, answer.problem
    assert answer.status == 200
    assert len(answer.body) == BLOCK * BLOCKS
    for number in range(BLOCKS):
        whole = answer.body.startswith(b"%015d\n" % number + PADDING, number * BLOCK)
        assert whole, f"block {number} of {BLOCKS} is not as it was sent"
