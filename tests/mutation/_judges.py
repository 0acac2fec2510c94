"""
Whether specs tell good servers from bad ones: the reference passes, and each mutant of it fails what it names.

All in virtual time, for that takes none; mutants and specs that want the real clock are not asked.  Nor is a spec asked
of mutants that do not name it: a change after which it catches more of them than before would fail on the reference.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from harness import catalogue, virtual
from harness.catalogue import Spec
from harness.given import Given, targets
from harness.levels import Level
from harness.verdicts import Verdict
from reference_impl import site
from tests import mutants
from tests.mutants import Mutant

#: What the reference may get, and what a mutant must that names the spec.
GOOD = frozenset({Verdict.PASS, Verdict.NOT_OFFERED, Verdict.NOT_OBSERVABLE})
CAUGHT = frozenset({Verdict.FAIL, Verdict.WARN})


def specs_hold(module: str, function: str) -> bool:
    """Whether the specs that a function of a module of `specs` is, or is used by, judge all servers as they should."""
    specs = _about(module, function)
    [profile] = targets(Given(virtual=True))
    if not {result.verdict for result in virtual.check(site.make, profile, specs).results} <= GOOD:
        return False
    ids = {spec.id for spec in specs}
    asked = [one for one in mutants.everything().values() if one.clock == "virtual" and one.caught_by & ids]
    return all(_caught(one, specs) for one in asked)


def _about(module: str, function: str) -> list[Spec]:
    modules = {f"specs.{name}" for name in _users(module)}
    specs = [
        spec
        for spec in catalogue.everything()
        if spec.function.__module__ in modules and spec.level is not Level.MAY and not spec.only_real
    ]
    return [spec for spec in specs if spec.function.__name__ == function] or specs


def _users(module: str) -> Iterator[str]:
    """The modules of `specs` in which a module of it is used: itself, and those that import it or from it."""
    yield module
    for path in Path("specs").glob("*.py"):
        imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        names = {f"{node.module}.{one.name}" for node in imports for one in node.names}
        if any(f"{name}.".startswith(f"specs.{module}.") for name in names):
            yield path.stem


def _caught(one: Mutant, specs: list[Spec]) -> bool:
    asked = [spec for spec in specs if spec.id in one.caught_by]
    return all(result.verdict in CAUGHT for result in virtual.check(one, one.profile, asked).results)
