"""
HTTP authentication from the client's side: challenges read, answered, and answered wrongly on purpose.

RFC 7616 (Digest), RFC 7617 (Basic), RFC 9110 section 11 (the frame of both).  Wire text is latin-1 `str`;
users and passwords are Unicode and are hashed and sent as UTF-8.  Randomness comes from the caller: nothing
here differs from one run to the next.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

import attrs
from attrs import Factory, frozen

from harness.errors import Misbehaved, NotObservable
from harness.messages import Answer

#: The hash of each algorithm by its name in upper case; each exists with "-sess" too.  "SHA" (SHA-1) stands
#: in no RFC of Digest, but the tutorial offers it.
HASHES = {"MD5": "md5", "SHA": "sha1", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}

#: A client nonce for those who do not care which: 96 bits, the same in every run.
CNONCE = "0a4f113bd6c1e8f29b3c5d70"

#: These go out without quotes (RFC 7616 section 3.4: they must not have any); all others are quoted.
UNQUOTED = frozenset({"algorithm", "qop", "nc", "userhash"})

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_GAP = re.compile(r"[ \t,]*")
_SCHEME = re.compile(rf"({_WORD})(?:[ \t]+|(?=,)|\Z)")
_TOKEN68 = re.compile(r"([A-Za-z0-9\-._~+/]+=*)[ \t]*(?=,|\Z)")
_PARAMETER = re.compile(
    rf'({_WORD})[ \t]*=[ \t]*(?:({_WORD})|"([^"\\]*(?:\\.[^"\\]*)*)")[ \t]*(?=,|\Z)',
    re.DOTALL,
)
_PAIR = re.compile(r"\\(.)", re.DOTALL)


class BadChallenge(Misbehaved):
    """The target's challenge is missing, or cannot be read by the grammar of RFC 9110 section 11.6.1."""


@frozen(repr=False)
class Challenge:
    """
    One challenge of a WWW-Authenticate field, or the credentials of an Authorization field: the grammar is
    the same.

    Scheme and names of parameters are in lower case, values without their quotes, in the order they came in.
    `token` is what a scheme like Negotiate has in the place of parameters.
    """

    scheme: str
    parameters: tuple[tuple[str, str], ...] = ()
    token: str = ""

    def get(self, name: str) -> str | None:
        """The value of a parameter, or None."""
        return dict(self.parameters).get(name.lower())

    @property
    def realm(self) -> str | None:
        """The protection space."""
        return self.get("realm")

    @property
    def nonce(self) -> str | None:
        """The server's nonce."""
        return self.get("nonce")

    @property
    def opaque(self) -> str | None:
        """What the client sends back unchanged."""
        return self.get("opaque")

    @property
    def algorithm(self) -> str:
        """The algorithm as the server spells it; MD5 where it says nothing (RFC 7616 section 3.3)."""
        return self.get("algorithm") or "MD5"

    @property
    def qops(self) -> tuple[str, ...]:
        """The qualities of protection on offer, in lower case; none in the style of RFC 2069."""
        return tuple(word.lower() for word in re.split(r"[ \t,]+", self.get("qop") or "") if word)

    @property
    def stale(self) -> bool:
        """Whether only the nonce of the request was refused, and a new one would do."""
        return (self.get("stale") or "").lower() == "true"

    def bent(self, **changes: str | None) -> Challenge:
        """The same challenge with other values; None takes the parameter away."""
        return attrs.evolve(self, parameters=_changed(self.parameters, changes.items()))

    def __repr__(self) -> str:
        return f"<{self.scheme} challenge: {' '.join(name for name, _ in self.parameters) or self.token}>"


def challenges(answer: Answer) -> tuple[Challenge, ...]:
    """All challenges of an answer, whatever their schemes, in their order.  Raises `BadChallenge`."""
    return read(answer.fields.all("www-authenticate"))


def challenge(answer: Answer, scheme: str = "digest") -> Challenge:
    """
    The answer's first challenge of this scheme; of Digest, the first that we can answer.

    Raises `BadChallenge` if there is none, and `NotObservable` if there are only Digest challenges of
    algorithms that we cannot compute.
    """
    offered = challenges(answer)
    found = [one for one in offered if one.scheme == scheme]
    if not found:
        came = ", ".join(map(repr, offered)) or "none at all"
        message = f"expected a {scheme.title()} challenge, came {answer.status} with {came}"
        raise BadChallenge(message)
    usable = [one for one in found if scheme != "digest" or _hash(one.algorithm)]
    if not usable:
        message = f"we cannot compute {' or '.join(one.algorithm for one in found)}, and nothing else is on offer"
        raise NotObservable(message)
    return usable[0]


def read(lines: Iterable[str]) -> tuple[Challenge, ...]:
    """
    The challenges in the values of WWW-Authenticate field lines: several in one line, or in many.

    Raises `BadChallenge`, and nothing else, for text that the grammar does not allow and for a parameter that
    occurs twice in one challenge (RFC 9110 section 11.2).
    """
    text = ", ".join(lines)
    found: list[Challenge] = []
    at = _skip(text, 0)
    while at < len(text):
        if found and not found[-1].token and (match := _PARAMETER.match(text, at)):
            found[-1] = _with(found[-1], match)
        elif match := _SCHEME.match(text, at):
            token = _TOKEN68.match(text, match.end())
            found.append(Challenge(match[1].lower(), token=token[1] if token else ""))
            match = token or match
        else:
            message = f"a WWW-Authenticate field cannot be read from {text[at : at + 40]!r} on"
            raise BadChallenge(message)
        at = _skip(text, match.end())
    return tuple(found)


def _skip(text: str, at: int) -> int:
    """Past blanks and commas: a list may have empty elements (RFC 9110 section 5.6.1.2)."""
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _with(one: Challenge, match: re.Match[str]) -> Challenge:
    """The challenge with one more parameter."""
    name, bare, quoted = match[1].lower(), match[2], match[3]
    if one.get(name) is not None:
        message = f"a {one.scheme.title()} challenge gives {name} twice"
        raise BadChallenge(message)
    value = bare if bare is not None else _PAIR.sub(r"\1", quoted)
    return attrs.evolve(one, parameters=(*one.parameters, (name, value)))


@frozen(repr=False)
class Login:
    """
    A user who answers a Digest challenge, for one request.

    What is computed follows from the attributes: `evolve` changes them, and the response with them.  What is
    sent is `parameters`; `bent` changes those afterwards, and the response stays as it was.  `uri` is the
    request target and `count` the nonce count; `qop` is "auth" where the challenge offers it, else None: the
    style of RFC 2069.  Other qualities can be sent, but not computed.
    """

    challenge: Challenge
    user: str
    password: str
    uri: str
    method: str = "GET"
    count: int = 1
    cnonce: str = CNONCE
    qop: str | None = Factory(lambda self: "auth" if "auth" in self.challenge.qops else None, takes_self=True)
    bends: tuple[tuple[str, str | None], ...] = ()

    def evolve(self, **changes: Any) -> Login:
        """The same login with other attributes, and the response that follows from them."""
        return attrs.evolve(self, **changes)

    def answering(self, challenge: Challenge) -> Login:
        """The same login for another challenge, from nonce count 1."""
        return Login(challenge, self.user, self.password, self.uri, self.method, cnonce=self.cnonce)

    def bent(self, **bends: str | None) -> Login:
        """The same login with other values of parameters on the wire; None leaves the parameter out."""
        return attrs.evolve(self, bends=(*self.bends, *bends.items()))

    @property
    def response(self) -> str:
        """The response (RFC 7616 section 3.4.1); with an empty `method`, the server's own (section 3.5)."""
        return self._keyed(self._secret(), self._h(f"{self.method}:{self.uri}"))

    def _secret(self) -> str:
        """H(A1): of the user, and for "-sess" of the session too (section 3.4.2)."""
        user, password = _octets(self.user), _octets(self.password)
        secret = self._h(f"{user}:{self.challenge.realm or ''}:{password}")
        if self.challenge.algorithm.lower().endswith("-sess"):
            return self._h(f"{secret}:{self.challenge.nonce or ''}:{self.cnonce}")
        return secret

    def _keyed(self, secret: str, request: str) -> str:
        nonce = self.challenge.nonce or ""
        if self.qop is None:
            return self._h(f"{secret}:{nonce}:{request}")
        return self._h(f"{secret}:{nonce}:{self.count:08x}:{self.cnonce}:{self.qop}:{request}")

    def _h(self, text: str) -> str:
        name = _hash(self.challenge.algorithm)
        if name is None:
            message = f"we cannot compute {self.challenge.algorithm}"
            raise NotObservable(message)
        return hashlib.new(name, text.encode("latin-1"), usedforsecurity=False).hexdigest()

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What is sent, in the order of RFC 7616 section 3.9.1."""
        given = self.challenge.get
        computed = {
            "username": _octets(self.user),
            "realm": given("realm"),
            "uri": self.uri,
            "algorithm": given("algorithm"),
            "nonce": given("nonce"),
            "nc": f"{self.count:08x}" if self.qop else None,
            "cnonce": self.cnonce if self.qop or self.challenge.algorithm.lower().endswith("-sess") else None,
            "qop": self.qop,
            "response": self.response,
            "opaque": given("opaque"),
        }
        pairs = tuple((name, value) for name, value in computed.items() if value is not None)
        return _changed(pairs, self.bends)

    @property
    def field(self) -> tuple[str, str]:
        """The Authorization field."""
        return "Authorization", written(self.parameters)

    def __repr__(self) -> str:
        bends = "".join(f", {name} bent" for name, _ in self.bends)
        return f"<login of {self.user}, nonce count {self.count}{bends}>"


def written(
    parameters: Iterable[tuple[str, str]],
    *,
    scheme: str = "Digest",
    unquoted: Iterable[str] = UNQUOTED,
    separator: str = ", ",
) -> str:
    """Credentials as they stand in an Authorization field, by default in the usual spelling."""
    bare = frozenset(unquoted)
    pairs = (f"{name}={value if name in bare else _quoted(value)}" for name, value in parameters)
    return f"{scheme} {separator.join(pairs)}"


def basic(user: str, password: str) -> tuple[str, str]:
    """The Authorization field of Basic (RFC 7617 section 2)."""
    return "Authorization", f"Basic {b64encode(f'{user}:{password}'.encode()).decode('ascii')}"


def _hash(algorithm: str) -> str | None:
    """The name in hashlib of an algorithm's hash; None for one that we cannot compute."""
    name = HASHES.get(algorithm.upper().removesuffix("-SESS"))
    return name if name in hashlib.algorithms_available else None


def _changed(
    pairs: tuple[tuple[str, str], ...], changes: Iterable[tuple[str, str | None]]
) -> tuple[tuple[str, str], ...]:
    """Other values in the old places, new names at the end, and None gone."""
    values: dict[str, str | None] = dict(pairs)
    values.update(changes)
    return tuple((name, value) for name, value in values.items() if value is not None)


def _octets(text: str) -> str:
    """Unicode as the latin-1 text that its UTF-8 bytes make."""
    return text.encode("utf-8").decode("latin-1")


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
