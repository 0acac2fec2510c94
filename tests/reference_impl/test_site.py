"""
The site: every page of the contract at its path, three ways to make it, and requests as the standard has them.
"""

import subprocess
import sys

import pytest

from reference_impl import site as module
from reference_impl.settings import FAST, LITERAL, TUTORIAL, default_assets


@pytest.mark.parametrize(
    ("make", "settings"), [(module.make, TUTORIAL), (module.make_fast, FAST), (module.make_literal, LITERAL)]
)
def test_each_factory_builds_its_settings(monkeypatch, world, make, settings):
    """`make(reactor)` and its two siblings differ in their settings only."""
    monkeypatch.setattr(module, "build", lambda *given: given)
    assert make(world) == (world, settings)


def test_ping_answers_at_once(connect):
    """The page that readiness is asked of."""
    assert connect().request("/ping").status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_echo_answers_the_body(connect, method):
    """Whatever the method."""
    assert connect().request("/echo", method=method, body=b"\0body\xff").body == b"\0body\xff"


def test_absolute_form_names_the_same_page(connect, world):
    """RFC 9112 section 3.2.2; the authority is the host that counts."""
    assert connect().request("http://elsewhere:81/ping").status == 200
    connect().request("http://elsewhere:81/cgi-bin/date/x?y")
    environment = world.spawned[-1][2]
    assert environment[b"SERVER_NAME"] == b"elsewhere"
    assert environment[b"QUERY_STRING"] == b"y"


def test_a_site_without_an_application_has_no_page_for_it(connect):
    """404 where the assets lack application.py."""
    assert connect().request("/wsgi").status == 404


def test_assets_come_from_the_environment_or_from_beside_the_package(monkeypatch):
    """$WEB60_ASSETS wins."""
    monkeypatch.setenv("WEB60_ASSETS", "/elsewhere")
    assert default_assets() == "/elsewhere"
    monkeypatch.delenv("WEB60_ASSETS")
    assert default_assets().endswith("specs/assets")


def test_importing_the_site_installs_no_reactor():
    """A factory is given its reactor; whoever imports it may still choose one."""
    code = "import sys, reference_impl.site; sys.exit('twisted.internet.reactor' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
