"""
Repairs to CGI (RFC 3875): the environment that a script gets, and the header block that it writes.
"""

from __future__ import annotations

import os
import re
from typing import Any, Dict, List, Optional, Sequence, Union
from urllib.parse import unquote_to_bytes

from twisted.internet.interfaces import IReactorProcess
from twisted.internet.process import ProcessReader
from twisted.python.failure import Failure
from twisted.web import twcgi
from twisted.web.server import Request
from twisted.web.static import File

Text = Union[str, bytes]

BLANK_LINE = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r")
LINE_END = re.compile(rb"\r\n|\n|\r")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)", re.DOTALL)

HEADER_LIMIT = 65_536  # bytes; a longer block is none. Servers allow 8 to 64 KiB.
# Fields of the connection, which is the server's (RFC 3875 section 6.3.4, RFC 9110 section 7.6.1).
HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
BODILESS = (204, 304)  # statuses whose Content-Length announces nothing

STDERR_KEPT = 65_536  # bytes of stderr that one script gets into the log


class Output(twcgi.CGIProcessProtocol):
    """
    Reads a script's header block before Twisted does, and hands it over in the form that Twisted understands.

    Seen on 18.9 to 26.10: `Status: 303 See Other` before `Location: /x` came as 302 (the later line won);
    `Content-Type:text/plain` without the space was dropped ("ignoring malformed CGI header");
    a script that prints `hello`, an empty line and `world` was answered with 200 and `world`;
    `Transfer-Encoding: chunked` was sent on, and with `Content-Length: 5` both;
    `Content-Length: 5` and 13 bytes: all 13 on the wire; 1,000 and 8 bytes: the client waits for ever.
    """

    transport: Any

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._block: Optional[bytes] = b""  # what may still be headers; None: they are through
        self._refused = False
        self._left: Optional[int] = None  # bytes of the length that the script announced, if it did

    def outReceived(self, output: bytes) -> None:
        """
        Holds the output back until its header block is whole.
        """
        if self._block is None:
            super().outReceived(self._announced(output))
            return
        if self._refused:
            return
        self._block += output
        end = BLANK_LINE.search(self._block)
        if end is None:
            self._refused = len(self._block) > HEADER_LIMIT
            return
        found = [FIELD.fullmatch(line) for line in LINE_END.split(self._block[: end.start()])]
        fields = [field.groups() for field in found if field is not None]
        lengths = [value.strip() for name, value in fields if name.lower() == b"content-length"]
        # What is refused never reaches Twisted, which then answers 500 at the end of the script.
        self._refused = None in found or len(lengths) > 1 or not b"".join(lengths or [b"0"]).isdigit()
        if not self._refused:
            if lengths and self.request.method != b"HEAD":
                self._left = int(lengths[0])
            lines = [b"%s: %s" % field for field in fields if field[0].lower() not in HOP_BY_HOP]
            lines.sort(key=lambda line: line[:7].lower() == b"status:")
            rest, self._block = self._announced(self._block[end.end() :]), None
            super().outReceived(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _announced(self, body: bytes) -> bytes:
        if self._left is not None:
            body = body[: self._left]
            self._left -= len(body)
        return body

    def processEnded(self, reason: Failure) -> None:
        """
        Ends the answer; with its connection, if the script announced more than it printed.
        """
        if self._left and self.request.code not in BODILESS:
            self.request.unregisterProducer()
            self.request.loseConnection()
            self.request.gone = True
        super().processEnded(reason)

    def pauseProducing(self) -> None:
        """
        Lets the script wait for a slow client.

        Seen on 18.9: 50 MB of output ended after 5 to 30 ("'dict' object has no attribute 'itervalues'").
        """
        for reader in self._readers():
            reader.stopReading()

    def resumeProducing(self) -> None:
        """
        Lets it go on.
        """
        for reader in self._readers():
            reader.startReading()

    def _readers(self) -> List[ProcessReader]:
        return [pipe for pipe in self.transport.pipes.values() if isinstance(pipe, ProcessReader)]

    def errReceived(self, error: bytes) -> None:
        """
        Keeps the first `STDERR_KEPT` bytes; Twisted joins whatever comes, in quadratic time.
        """
        super().errReceived(error[: max(0, STDERR_KEPT - len(self.errortext))])


class Script(twcgi.CGIScript):
    """
    A CGI script with the environment of RFC 3875 section 4.1.

    Seen on 18.9 to 26.10: /cgi-bin/env/more answered 500 (PATH_INFO joins bytes to str); up to 20.3 any `?query`
    did too.  `Authorization` was handed to the script, of a field sent twice only the last value,
    and the server's own HTTP_PROXY was indistinguishable from a field of the request.
    """

    def __init__(self, filename: str, reactor: IReactorProcess) -> None:
        super().__init__(filename, reactor=reactor)
        self._spawner = reactor

    def render(self, request: Request) -> object:
        """
        Runs the script; 404 for a path that no environment can hold.
        """
        if b"\0" in b"".join(request.postpath or []):
            return File.childNotFound.render(request)
        # Twisted stumbles over these two while it builds the environment, so it does not get to see them.
        path, request.postpath = request.postpath, []
        uri, request.uri = request.uri, request.uri.partition(b"?")[0]
        try:
            self._rest, self._uri = path or [], uri
            return super().render(request)
        finally:
            request.postpath, request.uri = path, uri

    def runProcess(self, env: Dict[Text, Text], request: Request, qargs: Sequence[str] = ()) -> None:
        """
        Spawns the script with a corrected environment, and with the arguments that Twisted did not see.
        """
        variables = {os.fsencode(name): os.fsencode(value) for name, value in env.items()}
        for name in [name for name in variables if name.startswith(b"HTTP_") or name == b"PROXY"]:
            del variables[name]
        variables.update(_http_variables(request))
        variables[b"REQUEST_URI"] = self._uri
        variables[b"QUERY_STRING"] = query = self._uri.partition(b"?")[2]
        if self._rest:
            variables[b"PATH_INFO"] = b"/" + b"/".join(self._rest)
        command: List[Text] = [*self.command(), *_search_words(query)]
        self._spawner.spawnProcess(Output(request), command[0], command, variables, os.path.dirname(self.filename))

    def command(self) -> List[str]:
        """
        The executable and its arguments, before those of the query.
        """
        return [self.filename]


class FilteredScript(Script, twcgi.FilteredScript):
    """
    The same for a script that `filter` runs.
    """

    def command(self) -> List[str]:
        return [self.filter, self.filename]


def _http_variables(request: Request) -> Dict[bytes, bytes]:
    """
    HTTP_* of the request's fields, repeated ones joined (RFC 3875 section 4.1.18), without `Authorization`, and
    without `Proxy`, which scripts would take for a setting of the server's (httpoxy).
    """
    withheld = (b"content-type", b"content-length", b"authorization", b"proxy", b"proxy-authorization")
    return {
        b"HTTP_" + name.upper().replace(b"-", b"_"): (b"; " if name.lower() == b"cookie" else b", ").join(values)
        for name, values in request.requestHeaders.getAllRawHeaders()
        if name.lower() not in withheld
    }


def _search_words(query: bytes) -> List[bytes]:
    """
    The arguments of a query without `=` (RFC 3875 section 4.4); none, if one cannot be an argument.
    """
    words = [unquote_to_bytes(word) for word in query.split(b"+")] if query and b"=" not in query else []
    return [] if any(b"\0" in word for word in words) else words
