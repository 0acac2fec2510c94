"""
Mutants of the CGI page, seen from the system: scripts that are done or left, and output that nobody reads.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from contextlib import suppress
from typing import Any

from twisted.internet.error import ConnectionDone, ProcessDone, ProcessExitedAlready
from twisted.python.failure import Failure

from reference_impl.repairs import cgi as repaired
from tests.mutants import Reference, mutant, of
from tests.mutants.cgi import reading

#: What some servers let a script say.
LIMIT = 16 * 2**20

#: What is kept for a client that is slow; more than any small answer.
BUFFER = 2**19


# Output that is long, or that nobody reads.


class _Greedy(repaired.Output):
    def pauseProducing(self) -> None:
        pass


@mutant(*of("cgi", "unread-output-is-not-hoarded"))
def reads_on_for_nobody(reference: Reference) -> None:
    """The output is read as quickly as it comes, and kept for a client that does not read."""
    reading(reference, _Greedy)


class _Buffering(repaired.Output):
    """Counts what a slow client has not taken yet."""

    _waits = False
    _kept = 0

    def pauseProducing(self) -> None:
        self._waits = True

    def resumeProducing(self) -> None:
        self._waits, self._kept = False, 0

    def outReceived(self, output: bytes) -> None:
        self._kept += len(output) if self._waits else 0
        self.buffered(output, full=self._kept > BUFFER)

    def buffered(self, output: bytes, *, full: bool) -> None:
        """Take a piece, of which `full` says whether it is too much."""
        raise NotImplementedError


class _Stopping(_Buffering):
    def buffered(self, output: bytes, *, full: bool) -> None:
        repaired.Output.outReceived(self, output)
        if full:
            repaired.Output.pauseProducing(self)


@mutant(*of("cgi", "a-large-output-arrives-whole"))
def never_reads_on(reference: Reference) -> None:
    """While the connection takes no more a buffer is filled; reading stops when it is full, and never goes on."""
    reading(reference, _Stopping)


class _Dropping(_Buffering):
    def buffered(self, output: bytes, *, full: bool) -> None:
        repaired.Output.outReceived(self, b"" if full else output)


@mutant(*of("cgi", "a-large-output-arrives-whole"))
def drops_what_no_buffer_holds(reference: Reference) -> None:
    """While the connection takes no more a buffer is filled; what comes when it is full is dropped."""
    reading(reference, _Dropping)


class _Limited(repaired.Output):
    left = LIMIT

    def outReceived(self, output: bytes) -> None:
        super().outReceived(output[: self.left])
        self.left -= min(self.left, len(output))


@mutant(*of("cgi", "a-large-output-arrives-whole"))
def cuts_a_large_output(reference: Reference) -> None:
    """An answer ends after 16 MiB, whatever more the script prints."""
    reading(reference, _Limited)


# Scripts whose client has left.


class _Indifferent(repaired.Output):
    def stopProducing(self) -> None:
        self.resumeProducing()


@mutant(*of("cgi", "a-talkative-script-ends-when-its-client-leaves"), clock="real")
def reads_on_when_the_client_has_left(reference: Reference) -> None:
    """A script whose client has left is read to its end, and what it says is thrown away."""
    reading(reference, _Indifferent)


class _Ending(repaired.Output):
    """Ends a script when its client leaves, however that looks."""

    def _finished(self, how: Any) -> None:
        super()._finished(how)
        if isinstance(how, Failure) and self.ends(how):
            with suppress(ProcessExitedAlready):
                self.transport.signalProcess("TERM")

    def ends(self, how: Failure) -> bool:
        """Whether this is a way to leave."""
        return True


class _Polite(_Ending):
    def ends(self, how: Failure) -> bool:
        return how.check(ConnectionDone) is not None


IDLE = {"cgi": {"kill": "idle"}}
NEVER = {"cgi": {"kill": "never"}}


@mutant(*of("cgi", "a-silent-script-ends-when-its-client-resets"), claims=IDLE, clock="real")
def takes_a_reset_for_an_accident(reference: Reference) -> None:
    """Scripts are ended when a connection is closed, but not when it is reset."""
    reading(reference, _Polite)


class _Rude(_Ending):
    def ends(self, how: Failure) -> bool:
        return how.check(ConnectionDone) is None


@mutant(*of("cgi", "a-silent-script-ends-when-its-client-leaves"), claims=IDLE, clock="real")
def takes_a_close_for_half_of_one(reference: Reference) -> None:
    """Scripts are ended when a connection is reset; one that is closed is thought to be read from still."""
    reading(reference, _Rude)


@mutant(
    *of("cgi", "a-silent-script-ends-when-its-client-leaves", "a-silent-script-ends-when-its-client-resets"),
    claims=IDLE,
    clock="real",
)
def closes_the_pipes_of_a_silent_script(reference: Reference) -> None:
    """A script's pipes are closed when its client leaves, which one that says nothing never learns."""
    reading(reference, repaired.Output)


class _Forgetful(repaired.Output):
    def stopProducing(self) -> None:
        self.pauseProducing()


@mutant(*of("cgi", "a-script-outlives-its-client"), claims=NEVER, clock="real")
def stops_reading_when_the_client_has_left(reference: Reference) -> None:
    """Nobody reads a script whose client has left, and it waits in a full pipe for ever."""
    reading(reference, _Forgetful)


@mutant(*of("cgi", "a-script-outlives-its-client"), claims=NEVER, clock="real")
def ends_a_script_that_is_meant_to_go_on(reference: Reference) -> None:
    """A script is sent a signal when its client leaves, though the profile says that it goes on."""
    reading(reference, _Ending)


# Scripts that are done.


def _nothing() -> None:
    """Wait for nobody."""


class _Unburying(repaired.Output):
    def connectionMade(self) -> None:
        self.transport.reapProcess = _nothing
        super().connectionMade()

    def outConnectionLost(self) -> None:
        self.processEnded(Failure(ProcessDone(None)))


@mutant(*of("cgi", "no-zombie-stays", "no-zombie-stays-of-an-abandoned-script"), clock="real")
def never_waits_for_a_script(reference: Reference) -> None:
    """An answer is over when its script has closed its output, and nobody waits for the script's end."""
    reading(reference, _Unburying)


class _Leaving(repaired.Output):
    def _finished(self, how: Any) -> None:
        super()._finished(how)
        if isinstance(how, Failure):
            self.transport.reapProcess = _nothing


@mutant(*of("cgi", "no-zombie-stays-of-an-abandoned-script"), clock="real")
def forgets_a_script_whose_client_has_left(reference: Reference) -> None:
    """Who waits for a script's end is called off with its answer."""
    reading(reference, _Leaving)
