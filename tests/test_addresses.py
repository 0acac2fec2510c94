"""
Where a target is, from its URL.
"""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.addresses import Address
from harness.errors import UsageError


@pytest.mark.parametrize(
    ("url", "address", "authority"),
    [
        ("http://127.0.0.1:8080/", Address("http", "127.0.0.1", 8080, ""), "127.0.0.1:8080"),
        ("http://example.org", Address("http", "example.org", 80, ""), "example.org"),
        ("https://example.org/app/", Address("https", "example.org", 443, "/app"), "example.org"),
        ("https://Example.org:80/app", Address("https", "example.org", 80, "/app"), "example.org:80"),
        ("http://[::1]:81/", Address("http", "::1", 81, ""), "[::1]:81"),
        ("http://[::1]/", Address("http", "::1", 80, ""), "[::1]"),
        ("http://h/a b/\u00e9\x1b/%20/", Address("http", "h", 80, "/a%20b/%C3%A9%1B/%20"), "h"),
    ],
)
def test_a_url_is_taken_apart(url: str, address: Address, authority: str) -> None:
    """A port that the scheme has by itself is not said in the Host field (RFC 9110 section 7.2)."""
    assert Address.parse(url) == address
    assert Address.parse(url).authority == authority


@pytest.mark.parametrize("url", ["http://h/", "https://h:8443/a/b", "http://[::1]:81/"])
def test_an_address_gives_its_url_again(url: str) -> None:
    """The base URL ends in a slash."""
    address = Address.parse(url)

    assert Address.parse(address.url) == address
    assert address.url.endswith("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8080",
        "ftp://h/",
        "http://",
        "http:///path",
        "http://h:port/",
        "http://h:99999/",
        "http://[::1/",
        "http://h\x1b/",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    """The message says what one looks like, or what is wrong with it."""
    with pytest.raises(UsageError, match="not a URL"):
        Address.parse(url)


@settings(deadline=None)
@given(url=st.text(max_size=40) | st.text(max_size=20).map(lambda rest: f"http://{rest}"))
def test_any_text_is_an_address_or_a_mistake(url: str) -> None:
    """A person's slip never becomes a traceback."""
    try:
        address = Address.parse(url)
    except UsageError:
        return
    assert address.port in range(65536)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "my.localhost"])
def test_this_machine_is_known(host: str) -> None:
    """Loopback addresses, and the name that RFC 6761 reserves for them."""
    assert Address("http", host, 80, "").is_loopback


@pytest.mark.parametrize("host", ["10.0.0.1", "example.org", "localhost.example.org", "::2"])
def test_other_machines_are_other_machines(host: str) -> None:
    """Whatever else they are called."""
    assert not Address("http", host, 80, "").is_loopback


@pytest.mark.parametrize(("template", "path"), [("/a", "/app/a"), ("a", "/app/a"), ("/", "/app/"), ("", "/app/")])
def test_paths_are_below_the_base(template: str, path: str) -> None:
    """With or without a slash at their beginning."""
    assert Address("http", "h", 80, "/app").path(template) == path


@settings(deadline=None)
@given(value=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_placeholder_is_filled_and_quoted(value: str) -> None:
    """Whatever an ID has in it, it stays one value of one query parameter."""
    path = Address("http", "h", 80, "").path("/p?id={id}&s={s}", id=value, s=2)

    prefix, _, quoted = path.removesuffix("&s=2").partition("=")
    assert prefix == "/p?id"
    assert unquote(quoted) == value
    assert path.isascii()
    assert not set(quoted) & set("&=?#/ ")
