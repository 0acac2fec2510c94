"""
Mutants: the reference with exactly one promise broken, in a way that a real implementer would get it wrong.

Each is a factory like any other, so that one can be looked at by itself:

    web60 run --factory tests.mutants.asynchronous:answers_early --clock virtual \
        --profile reference_impl/profiles/profile.toml
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from attrs import evolve, field, frozen
from twisted.web.resource import Resource
from twisted.web.server import Site

from harness import documents, profiles
from harness.given import reference
from harness.profiles import Profile
from reference_impl import site
from reference_impl.events import Recorder, shared_file
from reference_impl.settings import FAST, TUTORIAL, Settings

#: Tables of a profile, or some of their keys.
Claims = Mapping[str, Mapping[str, Any]]


@frozen
class Reference:
    """The reference as it was built, about to be broken: `root` and `site` may be changed in place."""

    reactor: Any
    settings: Settings
    events: Recorder
    site: Site

    @property
    def root(self) -> Any:
        """The root resource; `putChild` puts a page in place of the right one."""
        return self.site.resource

    def page(self, *path: bytes) -> Any:
        """The resource that stands at this path."""
        found: Resource = self.root
        for name in path:
            found = found.children[name]
        return found


@frozen(eq=False, repr=False)
class Mutant:
    """
    A factory of a server that breaks one promise.

    `caught_by` are the IDs that fail on it, all of them and no others; `claims` is what its profile says otherwise
    than the reference's.  `clock` is "real" for what memory cannot show; it is then built with the fast delays.
    """

    breaks: Callable[[Reference], None]
    caught_by: frozenset[str]
    claims: Claims = field(factory=dict)
    clock: Literal["virtual", "real"] = "virtual"

    def __call__(self, reactor: Any) -> Site:
        """The broken site."""
        settings = FAST if self.clock == "real" else TUTORIAL
        events = Recorder(reactor, shared_file())
        built = site.build(reactor, settings, recorder=events)
        self.breaks(Reference(reactor, settings, events, built))
        return built

    def __repr__(self) -> str:
        return f"<mutant {self.name}>"

    @property
    def module(self) -> str:
        """The module of `tests.mutants` that it stands in."""
        return self.breaks.__module__.rpartition(".")[2]

    @property
    def name(self) -> str:
        """What it is called, in all of them."""
        return f"{self.module}:{self.breaks.__name__}"

    @property
    def wrong(self) -> str:
        """What is wrong with it, in a sentence."""
        return " ".join(inspect.cleandoc(self.breaks.__doc__ or "").split())

    @property
    def pages(self) -> frozenset[str]:
        """The pages whose specs are asked of it."""
        return frozenset(id_.partition("/")[0] for id_ in self.caught_by)

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """The tables of the reference's profile, with this mutant's claims and a way to it; None takes a key away."""
        _, tables = documents.read(reference("fast.toml" if self.clock == "real" else "profile.toml"), "profile")
        way = {"command": None, "factory": f"{self.breaks.__module__}:{self.breaks.__name__}"}
        for table, keys in (("server", way), *self.claims.items()):
            merged = {**tables.get(table, {}), **keys}
            tables[table] = {key: value for key, value in merged.items() if value is not None}
        return tables

    @property
    def profile(self) -> Profile:
        """Its profile for virtual time, in which only those tolerances count that it claims itself."""
        claimed = frozenset((table, key) for table, keys in self.claims.items() for key in keys)
        return evolve(profiles.parse(self.tables, Path()), named=claimed)


def mutant(
    *caught_by: str, claims: Claims = MappingProxyType({}), clock: Literal["virtual", "real"] = "virtual"
) -> Callable[[Callable[[Reference], None]], Mutant]:
    """Make a mutant of a function that breaks the reference; its docstring says in a sentence what is wrong with it."""

    def decorate(breaks: Callable[[Reference], None]) -> Mutant:
        return Mutant(breaks, frozenset(caught_by), claims, clock)

    return decorate


def of(page: str, *facts: str) -> tuple[str, ...]:
    """The IDs of these promises of a page."""
    return tuple(f"{page}/{fact}" for fact in facts)


def everything() -> dict[str, Mutant]:
    """All mutants by name, in the order of their modules and of the text."""
    found: dict[str, Mutant] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_")):
        values = vars(importlib.import_module(f"{__name__}.{module}")).values()
        found |= {one.name: one for one in values if isinstance(one, Mutant) and one.module == module}
    return found
