"""
What a site can be told: delays, where the assets are, and whether the repairs are on.
"""

from __future__ import annotations

import os
from typing import NamedTuple


def default_assets() -> str:
    """
    The directory of scripts and of the application: $WEB60_ASSETS, else `specs/assets` beside this package.
    """
    beside = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "specs", "assets")
    return os.environ.get("WEB60_ASSETS") or beside


class Settings(NamedTuple):
    """
    Seconds, one directory and one switch; the defaults are the tutorial's numbers where it has any.
    """

    delay: float = 5.0  # before a delayed page answers
    idle: float = 5.0  # a session that has visited /logme lives this long without a visit
    after: float = 2.0  # /timeouts gives up
    nonce_lifetime: float = 3.0  # of /auth/digest-short/ alone; Twisted's 900 s elsewhere
    literal: bool = False  # True: no repairs, the tutorial as printed
    assets: str = ""  # empty: see `default_assets`


TUTORIAL = Settings()
FAST = Settings(delay=0.5, idle=1.0, after=0.5, nonce_lifetime=1.0)
LITERAL = Settings(literal=True)
