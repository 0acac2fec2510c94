"""
The catalogue: every spec there is, and how one is chosen.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any, Literal

from attrs import evolve, field, frozen

from harness.errors import UsageError
from harness.levels import Level
from harness.sources import Source
from harness.tables import PAGES

#: What can show an effect that the wire does not.
WITNESSES = frozenset({"events", "asset-events", "log", "done", "files"})

#: Bytes that an ordinary spec reads on one connection: a hundred of them side by side, each flooded, stay below 300 MB.
SMALL = 1024 * 1024

#: The parts of a spec's docstring, after its promise.
HEADINGS = ("Sends", "Observes", "Tolerance", "Differs", "Look at")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*")


@frozen(eq=False, repr=False)
class Spec:
    """
    One promise of a page.

    `needs` are profile keys ("key" of the page's own table, "table.key", "key=a|b"), `witnesses` are alternatives of
    which one suffices.  `lasts` gives the nominal seconds for a target.  `alone` says beside whom it may not run,
    `busy` that it burns our own processor.  `examples` makes it a property: a function that returns a Hypothesis
    strategy; `schedules` makes it one over time: a function that returns a rule-based machine.  `reads` is how many
    bytes one connection may bring.  `only_real` and `only_virtual` say why only one of the clocks can show it.
    `module` is where it stands in the catalogue.
    """

    id: str
    level: Level
    source: Source
    function: Callable[..., Any]
    needs: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    lasts: Callable[[Any], float] = field(default=lambda _: 0.0)
    alone: Literal["", "page", "target"] = ""
    busy: bool = False
    examples: Callable[[], Any] | None = None
    schedules: Callable[[], Any] | None = None
    reads: int = SMALL
    only_real: str = ""
    only_virtual: str = ""
    module: str = ""

    def __attrs_post_init__(self) -> None:
        wrong = []
        if not _ID.fullmatch(self.id) or self.page not in PAGES:
            wrong.append(f"an ID is page/fact-in-kebab-case, with one of the pages {', '.join(PAGES)}")
        if unknown := set(self.witnesses) - WITNESSES:
            wrong.append(f"unknown witnesses {sorted(unknown)}")
        if not inspect.iscoroutinefunction(self.function):
            # A plain function would pass without ever having been awaited.
            wrong.append("a spec is an `async def`")
        if self.schedules and not self.only_virtual:
            wrong.append("schedules take hours: they are for virtual time only")
        if self.only_real and self.only_virtual:
            wrong.append("no clock is left that could show it")
        if wrong:
            message = f"{self.id}: {'; '.join(wrong)}"
            raise UsageError(message)

    def __repr__(self) -> str:
        return f"<spec {self.id}>"

    @property
    def page(self) -> str:
        """The page that the promise belongs to."""
        return self.id.partition("/")[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of what the spec wants to be given."""
        return tuple(inspect.signature(self.function).parameters)

    @property
    def promise(self) -> str:
        """The promise, in a sentence or two."""
        return self.text.get("", "")

    @property
    def text(self) -> dict[str, str]:
        """The docstring by headings; the promise is under the empty one."""
        parts: dict[str, list[str]] = {"": []}
        heading = ""
        for line in inspect.cleandoc(self.function.__doc__ or "").splitlines():
            name, colon, rest = line.partition(":")
            if colon and name in HEADINGS:
                heading = name
                parts[heading] = [rest.strip()]
            else:
                parts[heading].append(line.strip())
        return {heading: " ".join(words).strip() for heading, words in parts.items()}

    def moved(self, page: str, source: Source) -> Spec:
        """The same promise, of another page."""
        return evolve(self, id=f"{page}/{self.id.partition('/')[2]}", source=source)


def everything(package: str = "specs") -> tuple[Spec, ...]:
    """All specs of a package, by page in the catalogue's order.  Raises `UsageError` for an ID given twice."""
    if not __debug__:
        message = "python -O drops every assert, and with it every check: run without -O and PYTHONOPTIMIZE"
        raise UsageError(message)
    root = importlib.import_module(package)
    names = sorted(found.name for found in pkgutil.iter_modules(root.__path__) if found.name.startswith("test_"))
    specs = [spec for name in names for spec in _specs(importlib.import_module(f"{package}.{name}"))]
    by_id: dict[str, Spec] = {}
    for spec in specs:
        if spec.id in by_id:
            message = f"two specs are called {spec.id}"
            raise UsageError(message)
        by_id[spec.id] = spec
    order = list(PAGES)
    return tuple(sorted(specs, key=lambda spec: order.index(spec.page)))


def _specs(module: ModuleType) -> Iterable[Spec]:
    """The module's own specs in the order of its text: those it defines, and the tuples that `again` made for it."""
    for value in vars(module).values():
        if isinstance(value, Spec) and value.function.__module__ == module.__name__:
            yield evolve(value, module=module.__name__)
        elif isinstance(value, tuple):
            yield from (evolve(spec, module=module.__name__) for spec in value if isinstance(spec, Spec))


def select(specs: Sequence[Spec], selection: Iterable[str]) -> tuple[Spec, ...]:
    """
    The specs that IDs and globs choose, in the catalogue's order; all of them for an empty selection.

    Raises `UsageError` for each word that chooses nothing, with the nearest ID there is.
    """
    words = tuple(selection)
    wrong = [word for word in words if not any(_chosen(spec, word) for spec in specs)]
    if wrong:
        raise UsageError("\n".join(f"no spec is called {word!r}{_nearest(word, specs)}" for word in wrong))
    return tuple(spec for spec in specs if not words or any(_chosen(spec, word) for word in words))


def _chosen(spec: Spec, word: str) -> bool:
    """An ID or a glob, or a page's whole name."""
    return fnmatchcase(spec.id, word) or word.rstrip("/") == spec.page


def _nearest(word: str, specs: Sequence[Spec]) -> str:
    names = [spec.id for spec in specs] + sorted({spec.page for spec in specs})
    parts = [name for name in names if word.strip("*/") in name]
    near = parts[:3] or difflib.get_close_matches(word, names, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else "; `web60 list` shows all"
