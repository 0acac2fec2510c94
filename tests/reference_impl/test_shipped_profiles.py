"""
The profiles that are shipped: all tables of the contract, and the delays that the command is started with.
"""

import tomllib
from pathlib import Path

import pytest
from twisted.web.server import Session

import reference_impl
from reference_impl.__main__ import parser
from reference_impl.settings import FAST, TUTORIAL
from reference_impl.site import TWISTED_NONCE_LIFETIME

PLACE = Path(reference_impl.__file__).parent / "profiles"


def profile(name):
    """The tables of a shipped profile."""
    with (PLACE / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@pytest.mark.parametrize(("name", "settings"), [("profile", TUTORIAL), ("fast", FAST), ("literal", TUTORIAL)])
def test_a_profile_tells_the_delays_of_its_command(name, settings):
    """What is claimed is what the options say."""
    tables = profile(name)
    given = parser().parse_args(options(tables["server"]["command"]))
    for page in ("asynchronous", "asynchronous-deferred", "interrupted", "logging-errors"):
        assert tables[page]["delay"] == given.delay == settings.delay
    assert tables["session-endings"]["idle"] == given.idle == settings.idle
    assert tables["timeouts"]["after"] == given.after == settings.after
    assert tables["http-auth"]["nonce_lifetime"] == given.nonce_lifetime == settings.nonce_lifetime
    assert tables["wsgi"]["threads"] == given.threads
    assert given.literal == (name == "literal")


@pytest.mark.parametrize("name", ["profile", "fast", "literal"])
def test_a_profile_tells_the_lifetimes_that_nobody_has_changed(name):
    """Sessions and nonces live as long as Twisted has it, where the reference does not shorten them."""
    tables = profile(name)
    assert tables["session-basics"]["lifetime"] == Session.sessionTimeout
    assert tables["http-auth"]["lifetime"] == TWISTED_NONCE_LIFETIME


def options(command):
    """The command's options, with a port in place of the harness's placeholder."""
    return [word.replace("{port}", "0") for word in command[3:]]


@pytest.mark.parametrize("name", ["fast", "literal"])
def test_all_profiles_have_the_same_keys(name):
    """They differ in values only, and the literal tutorial has a baseline."""
    keys = {table: set(values) - {"baseline"} for table, values in profile(name).items()}
    assert keys == {table: set(values) for table, values in profile("profile").items()}
