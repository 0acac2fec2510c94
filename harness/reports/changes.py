"""
What changed between two runs, in words.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from harness.comparing import NOTHING, Difference, Fact, Kind
from harness.results import Known, Result
from harness.transcripts import safe

#: Characters of a value that are shown, and characters around the place where two long ones part.
LONGEST = 160
AROUND = 40


def told(old: Known, new: Known, differences: Sequence[Difference]) -> Iterator[str]:
    """Everything that changed, line by line, safe to print."""
    yield f"old: {_named(old)}"
    yield f"new: {_named(new)}"
    yield from lines(differences)
    yield ""
    yield counted(differences)


def lines(differences: Sequence[Difference]) -> Iterator[str]:
    """The differences by kind, each kind under a heading."""
    for kind in Kind:
        found = [one for one in differences if one.kind is kind]
        if not found:
            continue
        yield ""
        yield f"{kind.value.upper()} ({len(found)})"
        for difference in found:
            yield from _lines(difference)


def counted(differences: Sequence[Difference]) -> str:
    """How many of which kind: "1 broken, 12 changed"."""
    counts = {kind: sum(one.kind is kind for one in differences) for kind in Kind}
    return ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count) or "no difference"


def _named(target: Known) -> str:
    return safe(f"{target.name}{f', {target.software}' if target.software else ''}")


def _lines(difference: Difference) -> Iterator[str]:
    was, now = (_verdict(result) for result in (difference.old, difference.new))
    step = "" if was == now else f": {was} → {now}"
    yield f"  {difference.id}  ({difference.level.value}){step}"
    result = difference.telling
    if step and result is not None and result.reason:
        yield f"      {safe(result.reason).splitlines()[0]}"
    if difference.is_foreseen and difference.new is not None:
        yield f"      the baseline foresees it: {safe(difference.new.expected)}"
    for fact in difference.facts:
        old, new = apart(fact)
        yield f"      {safe(fact.name)}: {old} → {new}"


def _verdict(result: Result | None) -> str:
    return result.verdict.value if result else "not there"


def apart(fact: Fact) -> tuple[str, str]:
    """The old and the new value in words: all of what is short, and of long ones what they do not have in common."""
    old, new = fact.old, fact.new
    if isinstance(old, list) and isinstance(new, list):
        gone, come = _items(old, new), _items(new, old)
        if gone or come:
            return _list(gone, len(old)), _list(come, len(new))
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in {**old, **new} if old.get(name, NOTHING) != new.get(name, NOTHING)]
        return tuple(_short({name: side[name] for name in names if name in side}) for side in (old, new))  # type: ignore[return-value]
    if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > LONGEST:
        return _parting(old, new)
    return _short(old), _short(new)


def _items(these: list[Any], those: list[Any]) -> list[Any]:
    """The items that the other list does not have."""
    left = list(those)
    only = []
    for item in these:
        if item in left:
            left.remove(item)
        else:
            only.append(item)
    return only


def _list(items: list[Any], whole: int) -> str:
    return _short(items) if len(items) == whole else f"{_short(items)} of {whole}"


def _parting(old: str, new: str) -> tuple[str, str]:
    """The places where two long texts differ, from the first to the last."""
    blocks = [
        block for block in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if block[0] != "equal"
    ]
    first, last = blocks[0], blocks[-1]
    return (
        _short(_cut(old, first[1], last[2])),
        _short(_cut(new, first[3], last[4])),
    )


def _cut(text: str, start: int, end: int) -> str:
    start, end = max(0, start - AROUND), min(len(text), end + AROUND)
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _short(value: Any) -> str:
    text = repr(NOTHING) if value is NOTHING else json.dumps(value, ensure_ascii=False)
    text = safe(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
