"""
Where a target is: its URL, and the paths below it.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from attrs import frozen

from harness.errors import UsageError

_PORTS = {"http": 80, "https": 443}


@frozen
class Address:
    """A base URL, taken apart; `base` is its path without a slash at the end."""

    scheme: str
    host: str
    port: int
    base: str

    @classmethod
    def parse(cls, url: str) -> Address:
        """The address that an absolute http or https URL gives.  Raises `UsageError` for anything else."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as wrong:
            message = f"not a URL: {url!r} ({wrong})"
            raise UsageError(message) from None
        if parts.scheme not in _PORTS or not parts.hostname or not parts.hostname.isprintable():
            message = f"not a URL that this suite can drive: {url!r}; it looks like http://127.0.0.1:8080/"
            raise UsageError(message)
        # Whatever somebody wrote, or a server says of itself, a request has a path of printable ASCII.
        base = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
        return cls(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], base)

    @property
    def authority(self) -> str:
        """What stands in the Host field."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The base URL, with a slash at the end."""
        return f"{self.scheme}://{self.authority}{self.base}/"

    @property
    def is_loopback(self) -> bool:
        """Whether the target is on this machine, as far as its address tells."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")

    def path(self, template: str, **values: object) -> str:
        """A path of the profile below the base, with its placeholders filled in and quoted."""
        filled = template.format_map({name: quote(str(value), safe="") for name, value in values.items()})
        return self.base + (filled if filled.startswith("/") else f"/{filled}")
