"""
The tables of a profile: what a target offers, where, with which delays.

Each class is one table of the contract; its fields are its keys with their defaults.  A key whose default is None is
optional within its table; `usual` is what a server that follows the contract without a profile of its own has there.
"""

from __future__ import annotations

from typing import Any

from attrs import Factory, field, fields, frozen
from attrs.validators import ge, gt, in_, instance_of, optional

from harness.timing import Timing

_NOT_NEGATIVE = ge(0.0)
_LEAVING = in_(("idle", "write", "rst", "never"))


def _tolerance(default: float) -> Any:
    """Seconds that may be too many; in virtual time there is no need for any unless the profile names them."""
    return field(default=default, validator=_NOT_NEGATIVE, metadata={"tolerance": True})


def _optional(usual: str | float) -> Any:
    """A path, or a number of seconds; `usual` is what a server has that follows the contract."""
    allowed: Any = instance_of(str) if isinstance(usual, str) else gt(0)
    return field(default=None, validator=optional(allowed), metadata={"usual": usual})


@frozen
class Asynchronous:
    """A page whose answer takes `delay` seconds; `body` must occur in it."""

    path: str = "/asynchronous?id={id}"
    delay: float = field(default=5.0, validator=gt(0))
    body: str = "Sorry to keep you waiting."


@frozen
class AsynchronousDeferred:
    """The same, by a Deferred."""

    path: str = "/asynchronous-deferred?id={id}"
    delay: float = field(default=5.0, validator=gt(0))
    body: str = "Sorry to keep you waiting."


@frozen
class Interrupted:
    """A delayed page that notices when its client leaves: `notice` says by what, `within` how many seconds."""

    path: str = "/interrupted?id={id}"
    delay: float = field(default=5.0, validator=gt(0))
    notice: str = field(default="idle", validator=_LEAVING)
    within: float = field(default=1.0, validator=gt(0))
    stops_work: bool = True
    stream: str | None = _optional("/interrupted/stream?id={id}")
    done: str | None = _optional("/interrupted/done?id={id}")
    body: str = "Sorry to keep you waiting."


@frozen
class LoggingErrors:
    """A delayed page that logs one line matching `pattern` for each interrupted answer."""

    path: str = "/logging-errors?id={id}"
    delay: float = field(default=5.0, validator=gt(0))
    pattern: str = "Async response demo interrupted response"
    within: float = field(default=2.0, validator=gt(0))


@frozen
class Wsgi:
    """A container that runs the suite's application at `mount`, `threads` calls side by side."""

    mount: str = "/wsgi"
    threads: int = field(default=10, validator=ge(1))
    hello: str | None = _optional("/hello")


@frozen
class HttpAuth:
    """Without `basic` and `digest` both are where the contract has them; with one of them, only that one is offered."""

    basic: str | None = _optional("/auth/basic/")
    digest: str | None = _optional("/auth/digest/")
    digest_short: str | None = _optional("/auth/digest-short/")
    nonce_lifetime: float = field(default=3.0, validator=gt(0))
    #: Seconds that the nonces of `digest` live.
    lifetime: float | None = _optional(900.0)
    realm: str = "web60"
    users: dict[str, str] = Factory(lambda: {"alice": "secret", "bob": "pass:word"})
    shows: str = "{user}"
    algorithms: tuple[str, ...] = ("MD5",)
    replay: str = field(default="any", validator=in_(("any", "refuse")))
    #: Whether `digest` and `digest_short` know nothing of each other's challenges.
    separate: bool = True
    #: Whether a challenge of `digest` is good only for the address that it was given to.
    bound: bool = False

    def __attrs_post_init__(self) -> None:
        if self.basic is None and self.digest is None:
            for key in (fields(HttpAuth).basic, fields(HttpAuth).digest):
                object.__setattr__(self, key.name, key.metadata["usual"])


@frozen
class SessionBasics:
    """A page that shows the session's ID, found by `id_pattern`, and one that ends the session."""

    show: str = "/session"
    expire: str = "/session/expire"
    id_pattern: str = r"Your session id is: (?P<id>\S+)"
    #: Seconds without a visit that end a session which was on this page only.
    lifetime: float | None = _optional(900.0)


@frozen
class SessionStore:
    """A page that counts the visits of a session, found by `count_pattern`."""

    path: str = "/counter"
    count_pattern: str = r"Visit #(?P<count>\d+)"
    store: str = field(default="server", validator=in_(("server", "client")))


@frozen
class SessionEndings:
    """A page whose session ends after `idle` seconds without a visit."""

    path: str = "/logme"
    idle: float = field(default=5.0, validator=gt(0))
    sliding: bool = True
    callback: bool = True
    callback_slack: float = _tolerance(1.0)
    slack: float = _tolerance(1.2)
    poke_after: bool = False


@frozen
class Cgi:
    """A directory that serves the suite's CGI scripts."""

    base: str = "/cgi-bin/"
    filtered: str | None = _optional("/cgi-filtered/")
    streams: bool = True
    kill: str = field(default="write", validator=_LEAVING)
    path_info: bool = True


@frozen
class Timeouts:
    """Work of `{s}` seconds that is given up after `after` seconds with one of `status`."""

    path: str = "/timeouts?s={s}&id={id}"
    fails: str | None = _optional("/timeouts?s={s}&id={id}&fail=1")
    after: float = field(default=2.0, validator=gt(0))
    status: tuple[int, ...] = (504,)
    slack: float = _tolerance(1.0)


@frozen
class RpyScripts:
    """A directory that serves the suite's rpy scripts."""

    #: Empty where there is no such directory, only an application.
    path: str = "/rpy/"
    #: The hello page of a server started as `twistd web --wsgi application.hello`.
    wsgi: str | None = field(default=None, validator=optional(instance_of(str)))
    #: The words of `twistd -n web`, which the suite runs itself, with options of its own behind them.
    twistd: tuple[str, ...] | None = None


@frozen
class StaticContent:
    """A directory that serves the suite's files, those below `static` of the assets."""

    path: str = "/static/"
    #: Whether a directory without an index is listed.
    listing: bool = True
    #: Whether a part of a file can be had.
    ranges: bool = True
    #: Whether who has a file already is told so.
    conditional: bool = True


@frozen
class DynamicContent:
    """A page that tells the time at which it is asked for, found by `time_pattern`, to be read by `time_format`."""

    path: str = "/dynamic-content"
    time_pattern: str = r"(?P<time>\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})"
    time_format: str = "%a %b %d %H:%M:%S %Y"


@frozen
class StaticDispatch:
    """Three directories at `foo`, `bar` and `baz` below `path`: those in `static-dispatch` of the assets."""

    path: str = "/static-dispatch/"


@frozen
class DynamicDispatch:
    """The calendar of a year, at the year's own path; `shows` occurs in it."""

    path: str = "/dynamic-dispatch/{year}"
    shows: str = "{year}"
    #: Whether it is the text that Python's `calendar` module prints.
    text: bool = False


@frozen
class ErrorHandling:
    """The same, where what is no year is not found."""

    path: str = "/error-handling/{year}"
    shows: str = "{year}"
    status: int = 404
    #: Whether a calendar is the text that Python's `calendar` module prints.
    text: bool = False


@frozen
class CustomCodes:
    """A page with a status of its own."""

    path: str = "/buy"
    status: int = 402
    body: str = "Please swipe your credit card."


@frozen
class HandlingPosts:
    """A form, whose one field `name` is shown to whoever posts it; `fields` answers all fields as JSON."""

    path: str = "/form"
    name: str = "the-field"
    shows: str = "You submitted: {value}"
    multipart: bool = True
    fields: str | None = _optional("/form/fields")


@frozen
class OtherRequestBodies:
    """A page that shows, as text, whatever is posted to it."""

    path: str = "/other-request-bodies"
    shows: str = "You submitted: {value}"


@frozen
class AccessLogging:
    """A page each of whose requests is logged in a line that matches `pattern`."""

    path: str = "/access-logging?id={id}"
    pattern: str = r'"GET [^ "]*{id}[^ "]* HTTP/1\.1" (?P<status>\d{3}) (?P<size>\d+|-)'
    within: float = field(default=2.0, validator=gt(0))
    #: Whether the lines are in the combined log format, behind whatever prefix.
    combined: bool = False


@frozen
class Http:
    """A page that answers with the request's body; others that a specification of HTTP needs to see all of it."""

    echo: str = "/echo"
    #: Says in JSON how it was asked: its `method`, its `target`, and its `fields`, a list of names and values.
    asked: str | None = _optional("/http/asked")
    #: Answers 204.
    no_content: str | None = _optional("/http/no-content")
    #: Has an ETag, and answers 304 to who has that already.
    tagged: str | None = _optional("/http/tagged")
    #: Redirects to whatever URL reference is appended here, percent-encoded.
    redirect: str | None = _optional("/http/redirect?to=")


@frozen
class Server:
    """How to reach or start the target, and which witnesses it has.  Exactly one of `url`, `command`, `factory`."""

    name: str = ""
    url: str | None = None
    command: tuple[str, ...] | None = None
    factory: str | None = None
    ping: str = "/ping"
    log: str | None = None
    events: str | None = None
    #: The directory with the suite's assets that a running server serves, for specs that edit a script.
    assets: str | None = None
    #: A file of known divergences, beside the profile.
    baseline: str | None = None
    #: What `{python}` in a command stands for; else the Python that runs us.
    python: str | None = None
    #: Variables that the command gets beside ours.
    environment: dict[str, str] = field(factory=dict)
    ready_timeout: float = field(default=25.0, validator=gt(0))
    warmup: int = field(default=1, validator=ge(0))
    parallel: int = field(default=64, validator=ge(1))


#: The tables of the pages, under the pages' names.
PAGES: dict[str, type] = {
    "asynchronous": Asynchronous,
    "asynchronous-deferred": AsynchronousDeferred,
    "interrupted": Interrupted,
    "logging-errors": LoggingErrors,
    "wsgi": Wsgi,
    "http-auth": HttpAuth,
    "session-basics": SessionBasics,
    "session-store": SessionStore,
    "session-endings": SessionEndings,
    "cgi": Cgi,
    "timeouts": Timeouts,
    "rpy-scripts": RpyScripts,
    "static-content": StaticContent,
    "dynamic-content": DynamicContent,
    "static-dispatch": StaticDispatch,
    "dynamic-dispatch": DynamicDispatch,
    "error-handling": ErrorHandling,
    "custom-codes": CustomCodes,
    "handling-posts": HandlingPosts,
    "other-request-bodies": OtherRequestBodies,
    "access-logging": AccessLogging,
    "http": Http,
}

#: Every table that a profile may have.
TABLES: dict[str, type] = {"server": Server, "timing": Timing, **PAGES}


def usual(table: type) -> Any:
    """The table with every key where a server that follows the contract has it."""
    return table(**{key.name: key.metadata["usual"] for key in fields(table) if "usual" in key.metadata})
