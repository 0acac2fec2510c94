"""
The command line.
"""

from __future__ import annotations

import click

@click.group()
def main() -> None:
    """Check any HTTP server against the promises of "Twisted Web in 60 seconds"."""
