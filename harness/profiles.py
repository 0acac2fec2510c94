"""
Profiles: TOML in, one value out, with all mistakes named at once.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, get_args, get_origin

import attrs
import cattrs
from attrs import evolve, field, frozen

from harness import documents
from harness.errors import UsageError
from harness.tables import PAGES, TABLES, Server
from harness.timing import EXACT, Timing

#: The placeholders that a text may have; what is not named here is a path, and what has none is taken as it is.
_PATH = frozenset({"id"})
_PLACEHOLDERS = {
    ("server", "events"): frozenset({"n"}),
    ("http-auth", "shows"): frozenset({"user"}),
    ("timeouts", "path"): _PATH | {"s"},
    ("timeouts", "fails"): _PATH | {"s"},
    ("dynamic-dispatch", "path"): _PATH | {"year"},
    ("dynamic-dispatch", "shows"): frozenset({"year"}),
    ("error-handling", "path"): _PATH | {"year"},
    ("error-handling", "shows"): frozenset({"year"}),
    ("handling-posts", "shows"): frozenset({"value"}),
    ("other-request-bodies", "shows"): frozenset({"value"}),
}
_GROUPS = {"id_pattern": "id", "count_pattern": "count", "time_pattern": "time"}
_NO_TEMPLATES = frozenset({"body", "name", "python", "realm", "time_format"})
_WORDS = {
    str: "text",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    tuple: "a list",
}


@frozen(repr=False)
class Profile:
    """
    What is known of one target.

    `pages` has the tables that it offers, under the pages' names.  `where` is the directory that relative file names
    are relative to; `named` are the tables and keys that somebody has written down.
    """

    server: Server = field(factory=Server)
    timing: Timing = field(factory=Timing)
    pages: dict[str, Any] = field(factory=dict)
    where: Path = field(factory=Path)
    named: frozenset[tuple[str, str]] = frozenset()

    def __repr__(self) -> str:
        return f"<profile {self.server.name or 'without a name'}: {len(self.pages)} pages>"

    def file(self, name: str) -> Path:
        """A file that the profile names."""
        return self.where / name


def load(path: Path) -> Profile:
    """The profile in this file.  Raises `UsageError` with every mistake in it, each with its line."""
    text, tables = documents.read(path, "profile")
    try:
        return parse(tables, path.parent)
    except ProfileMistakes as wrong:
        raise UsageError(wrong.located(path, text)) from None


@frozen
class Mistake:
    """One thing wrong: in which table and key (empty for the table itself), and what."""

    table: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"[{self.table}]{' ' + self.key if self.key else ''}: {self.what}"


class ProfileMistakes(UsageError):
    """Everything that is wrong with one profile."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(map(str, mistakes)))

    def located(self, path: Path, text: str) -> str:
        """The mistakes with the lines of the file where they stand."""
        count = f"{len(self.mistakes)} mistakes" if len(self.mistakes) > 1 else "a mistake"
        found = (f"  {path.name}:{_line(text, m)}: {m}" for m in self.mistakes)
        return "\n".join((f"{path} has {count}:", *found))


def parse(tables: dict[str, Any], where: Path) -> Profile:
    """A profile from tables as TOML gives them.  Raises `ProfileMistakes`."""
    mistakes: list[Mistake] = []
    read: dict[str, Any] = {}
    for name, table in tables.items():
        if name not in TABLES:
            mistakes.append(Mistake(name, "", f"no such table{_nearest(name, TABLES)}"))
        elif not isinstance(table, dict):
            mistakes.append(Mistake(name, "", f"must be a table, not {table!r}"))
        else:
            value, wrong = _table(name, table)
            read[name] = value
            mistakes += wrong
    if not mistakes:
        mistakes += _together(read)
    if mistakes:
        raise ProfileMistakes(mistakes)
    return Profile(
        read.get("server", Server()),
        read.get("timing", Timing()),
        {name: read[name] for name in PAGES if name in read},
        where,
        frozenset((name, key) for name, table in tables.items() for key in table),
    )


def exact(profile: Profile) -> Profile:
    """
    The profile for virtual time, in which nothing is late by accident.

    A page's own tolerance stays where somebody has named it: it says how the server counts, not how we measure.
    """
    timing = evolve(profile.timing, early=EXACT, slack=EXACT)
    return evolve(profile, timing=timing, pages={name: _exact(profile, name) for name in profile.pages})


def _exact(profile: Profile, name: str) -> Any:
    page = profile.pages[name]
    unnamed = (
        key.name
        for key in attrs.fields(type(page))
        if "tolerance" in key.metadata and (name, key.name) not in profile.named
    )
    return evolve(page, **dict.fromkeys(unnamed, EXACT))


def _table(name: str, table: dict[str, Any]) -> tuple[Any, list[Mistake]]:
    """The value of one table, key by key, so that one mistake hides no other."""
    known = {key.name: key for key in attrs.fields(attrs.resolve_types(TABLES[name]))}
    mistakes = []
    values = {}
    for key, given in table.items():
        if key not in known:
            mistakes.append(Mistake(name, key, f"no such key{_nearest(key, known)}"))
            continue
        try:
            if _is_list(known[key].type) and not isinstance(given, list):
                raise _NotThat(_WORDS[tuple])  # noqa: TRY301 - told in the same words as any other wrong type
            value = _strict.structure(given, known[key].type)
            if (check := known[key].validator) is not None:
                check(None, known[key], value)
        except Exception as wrong:  # noqa: BLE001 - cattrs and validators raise what they like; all of it is the file's
            mistakes.append(Mistake(name, key, _told(given, wrong)))
            continue
        values[key] = value
        mistakes += (Mistake(name, key, what) for what in _value_mistakes(name, key, value))
    return (None if mistakes else TABLES[name](**values)), mistakes


def _is_list(kind: Any) -> bool:
    """Whether a key's type, or what it is if it is not None, is a list: cattrs would take text for one of letters."""
    return any(get_origin(one) is tuple for one in (kind, *get_args(kind)))


def _told(given: object, wrong: Exception) -> str:
    """What is wrong with a value, in a sentence."""
    if isinstance(wrong, _NotThat):
        return f"must be {wrong}, not {given!r}"
    match getattr(wrong, "args", ()):
        case (_, _, tuple(options), _):  # attrs' in_: message, attribute, options, value
            return f"must be one of {', '.join(map(repr, options))}, not {given!r}"
    if isinstance(wrong, ValueError) and (bound := re.search(r"must be (>=?) (\S+?):", str(wrong))):
        words = {">": "more than", ">=": "at least"}[bound[1]]
        return f"must be {words} {bound[2]}, not {given!r}"
    if isinstance(wrong, cattrs.IterableValidationError):
        return f"every item must be {' and '.join(sorted({str(one) for one in wrong.exceptions}))}, not {given!r}"
    return f"{wrong}"


def _value_mistakes(table: str, key: str, value: object) -> Iterator[str]:
    """What types cannot say: numbers must be finite, patterns must compile, placeholders must be known."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"must be finite, not {value}"
    if not isinstance(value, str):
        return
    if key.endswith("pattern"):
        try:
            groups = re.compile(value.replace("{id}", "x")).groupindex
        except re.error as wrong:
            yield f"not a regular expression: {wrong}"
            return
        if key in _GROUPS and _GROUPS[key] not in groups:
            yield f"needs a group (?P<{_GROUPS[key]}>…)"
        return
    if key in _NO_TEMPLATES:
        return
    allowed = _PLACEHOLDERS.get((table, key), _PATH)
    try:
        names = {name for _, name, _, _ in Formatter().parse(value) if name is not None}
    except ValueError as wrong:
        yield f"not a template: {wrong}"
        return
    for unknown in sorted(names - allowed):
        yield f"unknown placeholder {{{unknown}}}; known are {', '.join(f'{{{name}}}' for name in sorted(allowed))}"


def _together(read: dict[str, Any]) -> Iterator[Mistake]:
    """What only several keys together can have wrong."""
    server: Server | None = read.get("server")
    ways = [way for way in ("url", "command", "factory") if server is not None and getattr(server, way)]
    if len(ways) > 1:
        yield Mistake("server", ways[1], f"give one of url, command and factory, not {' and '.join(ways)}")


def _nearest(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"


def _line(text: str, mistake: Mistake) -> int:
    """The line (from 1) on which a mistake stands: TOML's reader keeps none, so look for the table and the key."""
    inside = False
    table_line = 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            inside = header[1].strip("\"'") == mistake.table
            if inside:
                table_line = number
                if not mistake.key:
                    return number
        elif inside and re.match(rf"\s*[\"']?{re.escape(mistake.key)}[\"']?\s*=", line):
            return number
    return table_line


class _NotThat(Exception):
    """A value of another type than wanted; the text names the type wanted."""


def _exactly(kind: type, *also: type) -> Any:
    def structure(value: Any, _: type) -> Any:
        # `True` is an int to Python, and "5" converts to a float: neither is what the writer of a profile meant.
        if type(value) not in (kind, *also):
            raise _NotThat(_WORDS[kind])
        return kind(value)

    return structure


_strict = cattrs.Converter(detailed_validation=True)
_strict.register_structure_hook(str, _exactly(str))
_strict.register_structure_hook(bool, _exactly(bool))
_strict.register_structure_hook(int, _exactly(int))
_strict.register_structure_hook(float, _exactly(float, int))
