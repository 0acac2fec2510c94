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
    from harness.comparing import Kind  # noqa: PLC0415 - see the module's docstring
    from harness.comparing import compare as differences_between  # noqa: PLC0415 - as above
    from harness.reports.changes import told  # noqa: PLC0415 - as above
    from harness.results import read  # noqa: PLC0415 - as above

    before, after = read(old), read(new)
    found = differences_between(before, after)
    for line in told(before.target, after.target, found):
        click.echo(line)
    broken = any(one.kind is Kind.BROKEN and (strict or one.is_serious) for one in found)
    raise SystemExit((Exit.FAILED if broken else Exit.OK).value)


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def assets(directory: Path) -> None:
    """Write the CGI scripts, the WSGI application and the rpy scripts that a server has to host."""
    from harness.assets import write  # noqa: PLC0415 - see the module's docstring

    for path in write(directory):
        click.echo(path)
