"""
The command line.

Each command imports what it needs when it is called: `web60 list` answers before Twisted would be loaded.
"""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harness import catalogue
from harness.errors import UsageError
from harness.verdicts import Exit

# Click's own 2 is that of an interrupt here.
click.UsageError.exit_code = Exit.USAGE.value

_FILE = click.Path(dir_okay=False, path_type=Path)

_TARGET = (
    click.option("--url", metavar="URL", help="A server that runs already."),
    click.option("--command", metavar="COMMAND", help="A server that we start; {port} is a free port."),
    click.option("--factory", metavar="MODULE:NAME", help="A server built in this process: make(reactor)."),
    click.option(
        "--profile", "profiles", metavar="FILE", type=_FILE, multiple=True, help="What the server offers, and where."
    ),
    click.option("--ca", type=_FILE, metavar="FILE", help="https: trust the certificates in this PEM file."),
    click.option("--insecure", is_flag=True, help="https: trust any certificate."),
)


def _target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_TARGET):
        command = option(command)
    return command


class _Group(click.Group):
    """Tells a `UsageError` as itself, without a traceback, and gives an interrupt pytest's exit code from the start."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UsageError as wrong:
            click.echo(f"web60: {wrong}", err=True)
            context.exit(Exit.USAGE.value)
        except KeyboardInterrupt:
            click.echo("web60: interrupted before anything ran", err=True)
            context.exit(Exit.INTERRUPTED.value)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="web60")
def main() -> None:
    """Check any HTTP server against the promises of "Twisted Web in 60 seconds"."""


@main.command()
@_target_options
@click.argument("selection", nargs=-1)
@click.option(
    "--clock",
    type=click.Choice(["real", "virtual"]),
    default="real",
    help="Real time; or virtual, for a server built in this process: exact, and over in seconds.",
)
@click.option("--fast", is_flag=True, help="Shorten the reference's own delays.")
@click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write the results here.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Write JUnit XML here.")
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write a report for a browser here: one file.")
@click.option("--baseline", type=_FILE, metavar="FILE", help="Known divergences of the target.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Draw the examples of properties from this.")
@click.option("--strict", is_flag=True, help="Warnings and inconclusive verdicts fail the run as well.")
def run(**options: Any) -> None:
    """
    Run specs against a server; without a target, against the reference implementation.

    SELECTION is spec IDs, globs (session-*/...) or pages; all specs without one.
    """
    specs = catalogue.everything()
    chosen = catalogue.select(specs, options["selection"])
    from harness.running import run_in_terminal  # noqa: PLC0415 - see the module's docstring

    raise SystemExit(run_in_terminal(options, specs, chosen).value)


@main.command()
@_target_options
@click.option("--fast", is_flag=True, help="Shorten the reference's own delays.")
def doctor(**options: Any) -> None:
    """
    Before any spec: which pages a server offers, whether they answer, and what can be witnessed.

    Exits with 1 where a page that is offered is not there.
    """
    specs = catalogue.everything()
    from harness.running import examine_in_terminal  # noqa: PLC0415 - see the module's docstring

    raise SystemExit(examine_in_terminal(options, specs).value)


@main.command(name="list")
@click.argument("selection", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
def list_(selection: tuple[str, ...], *, as_json: bool) -> None:
    """Every spec: ID, level, source."""
    specs = catalogue.select(catalogue.everything(), selection)
    if as_json:
        rows = [
            {"id": spec.id, "level": spec.level.value, "source": str(spec.source), "promise": spec.promise}
            for spec in specs
        ]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    width = max(len(spec.id) for spec in specs)
    for spec in specs:
        click.echo(f"{spec.id:<{width}}  {spec.level.value:<6}  {spec.source}")


@main.command()
@click.argument("id")
def explain(id: str) -> None:  # noqa: A002 - the word of the contract
    """The promise of a spec, what is sent and observed, where correct servers differ, what to look at."""
    for number, spec in enumerate(catalogue.select(catalogue.everything(), [id])):
        if number:
            click.echo("")
        width = min(shutil.get_terminal_size().columns, 100)
        click.echo(f"{spec.id}  ({spec.level.value})")
        parts = {"Promise": spec.promise, "Source": str(spec.source), **{k: v for k, v in spec.text.items() if k}}
        if spec.needs:
            parts["Needs"] = "in the profile: " + ", ".join(spec.needs)
        if spec.witnesses:
            parts["Witness"] = " or ".join(spec.witnesses)
        for name, text in parts.items():
            lines = textwrap.wrap(text, width - 13) or [""]
            click.echo(f"  {name:<10} {lines[0]}")
            for line in lines[1:]:
                click.echo(" " * 13 + line)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--delay", type=click.FloatRange(min=0), help="Seconds that delayed answers take (default 5).")
@click.option("--idle", type=click.FloatRange(min=0), help="Seconds without a visit that end a session (default 5).")
@click.option("--literal", is_flag=True, help="The tutorial's code as printed, without our repairs.")
def serve(**options: Any) -> None:
    """Serve the reference implementation; prints one JSON line with its URL when it is ready."""
    from harness.serving import serve as begin  # noqa: PLC0415 - see the module's docstring

    begin(options)


@main.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--strict", is_flag=True, help="A SHOULD that is broken fails as well.")
def compare(old: Path, new: Path, *, strict: bool) -> None:
    """
    What changed between two runs: broken, mended, facts that are others, only in one.

    OLD and NEW are files of `web60 run --json`.  Exits with 1 where a MUST is broken that was kept before.
    """
    from harness.comparing import compare as differences_between  # noqa: PLC0415 - see the module's docstring
    from harness.reports.changes import told  # noqa: PLC0415 - as above
    from harness.results import read  # noqa: PLC0415 - as above

    before, after = read(old), read(new)
    found = differences_between(before, after)
    for line in told(before.target, after.target, found):
        click.echo(line)
    broken = any(one.fails(strict=strict) for one in found)
    raise SystemExit((Exit.FAILED if broken else Exit.OK).value)


@main.command()
@click.argument("selection", nargs=-1)
@click.option("--twisted", "numbers", metavar="VERSION", multiple=True, help="Ask this version; several times.")
@click.option("--from", "first", metavar="VERSION", help="With --to: every release between, and both ends.")
@click.option("--to", "last", metavar="VERSION", help="See --from.")
@click.option("--trunk", metavar="PLACE", help="Ask a checkout of Twisted as well: a directory, or git+https://…")
@click.option("--python", metavar="PYTHON", help="Run all of them on this one: a version, or a path.")
@click.option("--command", metavar="COMMAND", help="Your own server in place of the tutorial; {port}, {python}.")
@click.option("--profile", metavar="FILE", type=_FILE, help="What your server offers, and where.")
@click.option("--requirements", metavar="FILE", type=_FILE, help="Installed beside each Twisted; leave Twisted out.")
@click.option("--fast", is_flag=True, help="Shorten the tutorial's own delays.")
@click.option(
    "--json", "directory", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="A file of each here."
)
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write a report for a browser here: one file.")
@click.option("--summary", type=_FILE, metavar="FILE", help="Add a summary in Markdown to this file.")
@click.option("--baseline", type=_FILE, metavar="FILE", help="Known divergences, of all versions or of some.")
@click.option("--strict", is_flag=True, help="A SHOULD that breaks fails as well.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="WEB60_CACHE",
    metavar="DIR",
    help="Where environments are kept (WEB60_CACHE).",
)
@click.option("--fresh", is_flag=True, help="Make the environments anew.")
def matrix(selection: tuple[str, ...], **options: Any) -> None:
    """
    What changes between versions of Twisted: for the tutorial as printed, or for your own server.

    Each version has an environment of its own, made once and kept, and a server process of its own; all are asked
    SELECTION (spec IDs, globs or pages; else everything) in one run.  Exits with 1 where a MUST breaks from one
    version to the next and no baseline foresees it, or where a version could not be asked.
    """
    specs = catalogue.everything()
    chosen = catalogue.select(specs, selection)
    from harness.matrix import Files, Matrix, asked  # noqa: PLC0415 - see the module's docstring
    from harness.versions import Range  # noqa: PLC0415 - as above

    profile = asked(options["command"], options["profile"], fast=options["fast"])
    files = Files(options["directory"], options["html_file"], options["summary"])
    keys = ("numbers", "first", "last", "trunk", "python", "requirements", "cache", "fresh")
    wanted = Range(**{key: options[key] for key in keys})
    run = Matrix(profile, wanted, specs, chosen, files, options["baseline"], options["strict"])
    raise SystemExit(run.run_in_terminal().value)


@main.command()
@click.argument("results", type=_FILE)
@click.option("--output", type=_FILE, metavar="FILE", help="Write it here, in place of the terminal.")
@click.option(
    "--update", type=_FILE, metavar="BASELINE", help="Change this one: out with what is over, in with what is new."
)
def baseline(results: Path, output: Path | None, update: Path | None) -> None:
    """
    Write the baseline of a run: every divergence, as TOML for `--baseline` or a profile.

    RESULTS is a file of `web60 run --json`.  The reasons are what was seen; a person puts the causes in their place.
    """
    from harness.reports.drafts import drawn, updated  # noqa: PLC0415 - see the module's docstring
    from harness.results import read  # noqa: PLC0415 - as above

    known = frozenset(spec.id for spec in catalogue.everything())
    report = read(results)
    draft = updated(report, known, update) if update else drawn(report, known)
    for remark in draft.remarks:
        click.echo(f"web60: {remark}", err=True)
    if output is None:
        click.echo(draft.text, nl=False)
        return
    try:
        output.write_text(draft.text, "utf-8")
    except OSError as wrong:
        message = f"cannot write the baseline {output}: {wrong.strerror}"
        raise UsageError(message) from None


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def assets(directory: Path) -> None:
    """Write the CGI scripts, the WSGI application and the rpy scripts that a server has to host."""
    from harness.assets import write  # noqa: PLC0415 - see the module's docstring

    for path in write(directory):
        click.echo(path)
