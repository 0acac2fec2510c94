"""
Mutants of `twistd web`: the site is the reference's, and the command that its profile names is wrong.
"""

from __future__ import annotations

from pathlib import Path

from tests.mutants import Claims, Reference, mutant, of


def twistd(wrong: str) -> Claims:
    """The command of `_twistd` with this wrong, as a profile names it."""
    program = str(Path(__file__).with_name("_twistd.py"))
    return {"rpy-scripts": {"twistd": ["{python}", program, wrong, "-n", "web"]}}


@mutant(
    *of(
        "rpy-scripts",
        "the-command-finds-an-application-beside-it",
        "the-command-keeps-an-access-log",
        "the-command-runs-the-scripts-of-a-directory",
        "the-command-serves-files-as-they-are",
    ),
    claims=twistd("starts_elsewhere"),
    clock="real",
)
def goes_away_before_it_starts(reference: Reference) -> None:
    """The command goes to another directory first, as daemons do, and takes the paths that it was given from there."""


@mutant(
    *of("rpy-scripts", "the-command-finds-an-application-beside-it"), claims=twistd("looks_beside_itself"), clock="real"
)
def looks_for_applications_beside_itself(reference: Reference) -> None:
    """Modules are looked for beside the program, and not where it was started."""


@mutant(
    *of("rpy-scripts", "the-command-runs-the-scripts-of-a-directory"), claims=twistd("runs_no_scripts"), clock="real"
)
def serves_scripts_as_files(reference: Reference) -> None:
    """Scripts in the directory that `--path` names are served as they are."""


@mutant(*of("rpy-scripts", "the-command-serves-files-as-they-are"), claims=twistd("runs_all_python"), clock="real")
def runs_modules_too(reference: Reference) -> None:
    """What ends in .py is run, as what ends in .rpy is."""


@mutant(*of("rpy-scripts", "the-command-keeps-an-access-log"), claims=twistd("logs_what_it_finds"), clock="real")
def logs_successes_alone(reference: Reference) -> None:
    """Requests for what is missing leave no line in the access log."""


@mutant(
    *of("rpy-scripts", "the-command-refuses-unknown-options", "the-command-tells-its-options"),
    claims=twistd("forgives_options"),
    clock="real",
)
def keeps_its_options_to_itself(reference: Reference) -> None:
    """An option that does not exist is passed over, and those that do are told nowhere."""


@mutant(*of("rpy-scripts", "the-command-ends-when-it-is-told"), claims=twistd("ends_with_an_error"), clock="real")
def calls_every_end_a_failure(reference: Reference) -> None:
    """Whoever ends the server with SIGTERM is told that it failed."""
