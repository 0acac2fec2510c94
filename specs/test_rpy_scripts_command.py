"""
`twistd web` on the command line: what it serves, and what it makes of its options.
"""

import re
import signal
import sys

from harness import MAY, MUST, SHOULD, NotOffered, spec, tutorial
from specs.facts import body, fields, printed

DROP = tutorial("rpy-scripts", "drop this rpy script into a Twisted Web server")
OTHERS = tutorial("rpy-scripts", "options for specifying which port number to bind, whether to set up an HTTPS server")
HELP = tutorial("rpy-scripts", "For a full list of options, see")
SAME = tutorial("static-content", "will accomplish the same thing as the above server.")
LAUNCH = tutorial("wsgi", "then you can launch a roughly equivalent server like this")
LOGFILE = tutorial("access-logging", "on the command line the server will produce a log file containing lines like")

PROCESS = "a process of its own keeps the time of the machine"

#: Where each is to listen; `{port}` is free.
LISTEN = ("--listen", "tcp:{port}:interface=127.0.0.1")

SCRIPT = """\
from twisted.web.static import Data
resource = Data(b"run", "text/plain")
"""

FAILING = "1 // 0\n"

APPLICATION = """\
def application(environ, start_response):
    start_response("200 OK", [("Content-type", "text/plain")])
    return [b"Hello, world!"]
"""

#: All that a directory may hold, for who looks how it is served; capitals come first, and nothing is an index.
FILES = {
    "example.rpy": SCRIPT,
    "failing.rpy": FAILING,
    "plain.txt": "plain\n",
    "no-type": "none\n",
    "start.html": "start",
}

#: Options that the tutorial uses.
TUTORIAL = ("--path", "--wsgi", "--logfile")

#: Options that are wrong, by what is wrong with them.
WRONG = {
    "an option that does not exist": ("--no-such-option",),
    "--path without a path": ("--path",),
    "--mime-type before --path": ("--mime-type", "text/plain"),
    "--index without --path": ("--index", "start.html"),
}

#: Ports, applications and classes that are wrong.
WRONG_VALUES = {
    "a port beyond all ports": ("--listen", "tcp:99999"),
    "an endpoint of no kind": ("--listen", "nonsense:1"),
    "an application in no module": ("--wsgi", "no.such.module"),
    "a class in no module": ("--class", "no.such"),
    "a header without a colon": ("--add-header", "colourless"),
}

#: Uses that serve something, and what is asked of each.
SERVED = {
    "no option": ((), ("/", "/below")),
    "--path missing": (("--path", "no-such-directory"), ("/", "/below")),
    "--wsgi after --path": (("--path", ".", "--wsgi", "wsgiref.simple_server.demo_app"), ("/plain.txt",)),
    "--index --mime-type --ignore-ext": (
        ("--path", ".", "--index", "start.html", "--mime-type", "x/y", "--ignore-ext", ".txt"),
        ("/", "/no-type", "/plain"),
    ),
    "--add-header": (("--path", ".", "--add-header", "X-Colour:  red "), ("/plain.txt", "/missing")),
    "--display-tracebacks": (("--display-tracebacks", "--path", "."), ("/failing.rpy",)),
    "--resource-script": (("--resource-script", "example.rpy"), ("/", "/below")),
}


def lasts(_):
    """Seconds for one process and a half, on a machine that is not idle."""
    return 2.0


async def serving(commands, page, *options, files=None, path="/"):
    """The command with these options among these files, once it answers."""
    started = commands.start([*page.twistd, *LISTEN, *options], files)
    assert await started.listens(path), f"it ended instead of serving: {printed(started)[-1:]}"
    return started


@spec(
    "rpy-scripts/the-command-runs-the-scripts-of-a-directory",
    MUST,
    DROP,
    needs=["twistd"],
    lasts=lasts,
    only_real=PROCESS,
    busy=True,
)
async def test_the_command_runs_the_scripts_of_a_directory(page, commands):
    """
    `twistd web --path .` runs the scripts in the directory that it is started in.

    Sends:      starts the command beside a script; one GET of the script.
    Observes:   status and body.
    Look at:    a path that is taken from somewhere else than where the command was started.
    """
    started = await serving(commands, page, "--path", ".", files=FILES)

    answer = await started.wire.get("/example.rpy")
    assert answer.status == 200
    assert answer.body == b"run"


@spec(
    "rpy-scripts/the-command-serves-files-as-they-are",
    MUST,
    SAME,
    needs=["twistd"],
    lasts=lasts,
    only_real=PROCESS,
    busy=True,
)
async def test_the_command_serves_files_as_they_are(page, commands):
    """
    `twistd web --path` serves whatever else is in the directory as it is.

    Sends:      starts the command beside a text; GETs of the text and of what is not there.
    Observes:   the bytes and the type of the one; 404 for the other.
    Look at:    everything being run that is Python.
    """
    files = {"plain.txt": SCRIPT, "example.py": SCRIPT}
    started = await serving(commands, page, "--path", ".", files=files)

    plain = await started.wire.get("/plain.txt")
    assert plain.status == 200
    assert plain.body == SCRIPT.encode()
    assert (plain.fields.get("content-type") or "").partition(";")[0] == "text/plain"
    module = await started.wire.get("/example.py")
    assert module.body == SCRIPT.encode()
    missing = await started.wire.get("/missing.txt")
    assert missing.status == 404


@spec(
    "rpy-scripts/the-command-finds-an-application-beside-it",
    MUST,
    LAUNCH,
    needs=["twistd"],
    lasts=lasts,
    only_real=PROCESS,
    busy=True,
)
async def test_the_command_finds_an_application_beside_it(page, commands):
    """
    `twistd web --wsgi foo.application` serves the application in `foo.py`, a file in the directory it is started in.

    Sends:      starts the command beside `foo.py`; one GET of any path.
    Observes:   that it serves; status, type and body.
    Differs:    Twisted's own script `twistd` does not look where it is started: it ends with "No such WSGI
                application".  `python -c` or PYTHONPATH=. let it.
    Look at:    sys.path of the process.
    """
    started = await serving(commands, page, "--wsgi", "foo.application", files={"foo.py": APPLICATION})

    answer = await started.wire.get("/any/path")
    assert answer.status == 200
    assert answer.fields.get("content-type") == "text/plain"
    assert answer.body == b"Hello, world!"


@spec(
    "rpy-scripts/the-command-keeps-an-access-log",
    MUST,
    LOGFILE,
    needs=["twistd"],
    lasts=lasts,
    only_real=PROCESS,
    busy=True,
)
async def test_the_command_keeps_an_access_log(page, commands, facts):
    """
    With `--logfile` each request becomes a line of the file, and of nothing else.

    Sends:      starts the command with a log file; a GET of a file and one of what is not there; ends the command.
    Observes:   the lines of the file that name the two, with their statuses and sizes.
    """
    started = await serving(commands, page, "--logfile", "access.log", "--path", ".", files=FILES)
    await started.wire.get("/plain.txt?here")
    await started.wire.get("/missing")
    await started.is_told_to_end()
    file = started.directory / "access.log"
    assert file.exists(), "there is no log file where the command was started"
    log = file.read_text("utf-8", "replace").splitlines()
    facts["lines"] = printed(started, [line for line in log if "here" in line or "missing" in line])
    facts["on the screen too"] = any("?here" in line for line in started.lines)

    here = [line for line in log if '"GET /plain.txt?here HTTP/1.1" 200 6 ' in line]
    assert len(here) == 1, f"not one line is about the file: {printed(started, log)}"
    missing = [line for line in log if '"GET /missing HTTP/1.1" 404 ' in line]
    assert len(missing) == 1, f"not one line is about what is missing: {printed(started, log)}"


@spec(
    "rpy-scripts/the-command-tells-its-options", MUST, HELP, needs=["twistd"], lasts=lasts, only_real=PROCESS, busy=True
)
async def test_the_command_tells_its_options(page, commands, facts):
    """
    `twistd web --help` tells the options that there are, and ends; those of the tutorial are among them.

    Sends:      starts the command with `--help`.
    Observes:   exit code 0; that `--path`, `--wsgi` and `--logfile` are told, and an option for the port.
    Differs:    which options there are beside them is a fact.
    """
    started = commands.start([*page.twistd, "--help"])
    code = await started.ends()
    told = [re.match(r" *(?:-\w, )?(--[a-z-]+)", line) for line in started.lines]
    options = [found[1] for found in told if found]
    facts["options"] = options
    facts["the first line"] = "".join(printed(started)[:1])
    facts["the last lines"] = printed(started)[-3:]

    assert code == 0
    for option in TUTORIAL:
        assert option in options
    assert {"--listen", "--port"} & {*options}, "no option is for the port"


@spec(
    "rpy-scripts/the-command-refuses-unknown-options",
    SHOULD,
    HELP,
    needs=["twistd"],
    lasts=lasts,
    only_real=PROCESS,
    busy=True,
)
async def test_the_command_refuses_unknown_options(page, commands):
    """
    An option that does not exist is told as such, and nothing is served.

    Sends:      starts the command with a path and an option that does not exist.
    Observes:   that it ends, with an exit code that is not 0, and that the last thing it prints names the option.
    """
    started = commands.start([*page.twistd, *LISTEN, "--path", ".", "--no-such-option"])

    assert not await started.listens(), "it serves as if nothing were wrong"
    assert await started.ends() != 0
    assert "no-such-option" in "".join(started.lines[-1:])


@spec(
    "rpy-scripts/the-command-ends-when-it-is-told",
    SHOULD,
    DROP,
    needs=["twistd"],
    lasts=lasts,
    only_real=PROCESS,
    busy=True,
)
async def test_the_command_ends_when_it_is_told(page, commands, facts):
    """
    SIGTERM ends the server in an orderly way, although a client is still connected.

    Sends:      starts the command; a GET on a connection that stays open; SIGTERM.
    Observes:   that it ends, by itself or by the signal; that the connection is closed.
    Differs:    exit code 0, or that of SIGTERM.
    Look at:    what waits for connections that nobody ends; exceptions in what ends the server.
    """
    started = await serving(commands, page, "--path", ".", files=FILES)
    conversation = await started.wire.open()
    conversation.request("GET", "/plain.txt")
    await conversation.answer()
    code = await started.is_told_to_end()
    facts["exit code"] = code
    facts["how the connection ended"] = await conversation.gone()

    assert code in (0, -signal.SIGTERM)


@spec(
    "rpy-scripts/the-command-says-what-it-does", MAY, DROP, needs=["twistd"], lasts=lasts, only_real=PROCESS, busy=True
)
async def test_what_the_command_says(page, commands, facts):
    """
    What the command prints while it starts, serves and ends, and which files it leaves, is a fact.

    Sends:      starts the command; a GET of a file; SIGTERM.
    Observes:   the lines, without what differs from run to run; the exit code; the names of files.
    """
    started = commands.start([*page.twistd, *LISTEN, "--path", "."], FILES)
    facts["it serves"] = await started.listens("/plain.txt")
    facts["while it serves"] = sorted(one.name for one in started.directory.iterdir() if one.name not in FILES)
    await started.is_told_to_end()
    facts["afterwards"] = sorted(one.name for one in started.directory.iterdir() if one.name not in FILES)
    facts["lines"] = printed(started)

    assert started.lines, "it printed nothing"


async def failed(commands, page, uses, facts):
    """Whether it serves all the same, or else its exit code, its last line, and whether there was a traceback."""
    for name, options in uses.items():
        where = () if "--listen" in options else LISTEN
        started = commands.start([*page.twistd, *where, *options])
        if await started.listens():
            facts[name] = "it serves"
            await started.is_told_to_end()
            continue
        facts[name] = {
            "exit code": await started.ends(),
            "traceback": any("Traceback (most recent" in line for line in started.lines),
            "last line": "".join(printed(started)[-1:]),
        }
        assert started.lines, f"{name}: it ended without a word"


@spec(
    "rpy-scripts/the-command-refuses-options-its-own-way",
    MAY,
    OTHERS,
    needs=["twistd"],
    lasts=lambda _: 8.0,
    only_real=PROCESS,
    busy=True,
)
async def test_how_the_command_refuses_options(page, commands, facts):
    """
    What the command makes of options that are wrong, or stand in the wrong order, is a fact.

    Sends:      starts the command once for each.
    Observes:   whether it serves all the same, or else its exit code, its last line, and whether there was a traceback.
    """
    await failed(commands, page, WRONG, facts)


@spec(
    "rpy-scripts/the-command-refuses-values-its-own-way",
    MAY,
    OTHERS,
    needs=["twistd"],
    lasts=lambda _: 8.0,
    only_real=PROCESS,
    busy=True,
)
async def test_how_the_command_refuses_values(page, commands, facts):
    """
    What the command makes of a port that cannot be, or of an application or a class that is not there, is a fact.

    Sends:      starts the command once for each, with a port of its own unless that is what is wrong.
    Observes:   whether it serves all the same, or else its exit code, its last line, and whether there was a traceback.
    """
    await failed(commands, page, WRONG_VALUES, facts)


@spec(
    "rpy-scripts/the-command-serves-its-own-way",
    MAY,
    OTHERS,
    needs=["twistd"],
    lasts=lambda _: 10.0,
    only_real=PROCESS,
    busy=True,
)
async def test_what_the_command_serves(page, commands, facts):
    """
    What is served is a fact: without any option, with a path that is missing, a file, two roots, headers and types.

    Sends:      starts the command once for each; one or two GETs.
    Observes:   the statuses, the fields, the bodies.
    """
    for name, (options, paths) in SERVED.items():
        started = commands.start([*page.twistd, *LISTEN, *options], FILES)
        if not await started.listens(paths[0]):
            facts[name] = "".join(printed(started)[-1:])
            continue
        for path in paths:
            answer = await started.wire.get(path)
            # A traceback has the places of files in it, so that its length is nobody's but this machine's.
            traced = "Traceback" in answer.text
            seen = "a traceback" if traced else [fields(answer, started), body(answer, started)]
            facts[f"{name}: {path}"] = [answer.status, seen]
        await started.is_told_to_end()
    assert facts, "nothing was served"


@spec(
    "rpy-scripts/the-command-listens-its-own-way",
    MAY,
    OTHERS,
    needs=["twistd"],
    lasts=lasts,
    only_real=PROCESS,
    busy=True,
)
async def test_how_the_command_listens(page, commands, facts):
    """
    What the command does about a port that is taken, and with the old option for it, is a fact.

    Sends:      starts the command with `--port`; once that serves, another at the same port.
    Observes:   what both say, and how the second ends.
    """
    if sys.platform == "win32":
        raise NotOffered("ports are shared there")
    first = commands.start([*page.twistd, "--port", "tcp:{port}:interface=127.0.0.1", "--path", "."])
    facts["--port"] = await first.listens()
    facts["it says"] = printed(first)[:2]
    second = commands.start([*page.twistd, "--listen", f"tcp:{first.port}:interface=127.0.0.1", "--path", "."])
    if facts["--port"]:
        facts["the second ends with"] = await second.ends()
        facts["and says"] = [line.replace(str(first.port), "(port)") for line in printed(second)[-1:]]
    await first.is_told_to_end()
