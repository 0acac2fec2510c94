"""
https: whose word about the target is taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet import ssl
from twisted.web.resource import Resource
from twisted.web.server import Site

from harness.addresses import Address
from harness.clocks import Clock
from harness.dialers import SocketDialer
from harness.errors import Misbehaved, UsageError
from harness.probes import Probe
from harness.tls import TlsOptions

# Twisted 26.10 hands pyOpenSSL 26 its own objects; an error of that kind would break the server, not the test.
pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning")


class Hello(Resource):
    """Says hello."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def render_GET(self, request: Any) -> bytes:
        """The page."""
        return b"hello"


@pytest.fixture(scope="module")
def certificate() -> bytes:
    """A key and a certificate that it signed itself, for 127.0.0.1, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "web60")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def address(certificate: bytes) -> Iterator[Address]:
    """Where a server with that certificate listens."""
    from twisted.internet import reactor  # noqa: PLC0415 - nobody imports it at module level

    loop: Any = reactor
    options = ssl.PrivateCertificate.loadPEM(certificate).options()
    port = loop.listenSSL(0, Site(Hello()), options, interface="127.0.0.1")
    yield Address("https", "127.0.0.1", port.getHost().port, "")
    pytest_twisted.blockon(port.stopListening())


async def asked(address: Address, options: TlsOptions) -> bytes:
    """What a page at this address says, by these options."""
    from twisted.internet import reactor  # noqa: PLC0415 - nobody imports it at module level

    dialer = SocketDialer(reactor, address, options.factory(address))
    return (await Probe(Clock(reactor), dialer).get("/")).body  # type: ignore[arg-type]


@pytest_twisted.ensureDeferred
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(address: Address) -> None:
    """By default only the system's authorities are."""
    with pytest.raises(Misbehaved):
        await asked(address, TlsOptions())


@pytest_twisted.ensureDeferred
async def test_an_authority_can_be_named(address: Address, certificate: bytes, tmp_path: Path) -> None:
    """By a PEM file."""
    ca = tmp_path / "ca.pem"
    ca.write_bytes(certificate)

    assert await asked(address, TlsOptions(ca=ca)) == b"hello"


@pytest_twisted.ensureDeferred
async def test_insecure_trusts_anybody(address: Address) -> None:
    """Which the report says aloud."""
    assert await asked(address, TlsOptions(insecure=True)) == b"hello"


def test_http_needs_no_options() -> None:
    """And no file of certificates is opened for it."""
    assert TlsOptions(ca=Path("/no/such/file")).factory(Address("http", "h", 80, "")) is None


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_file_without_certificates_is_said_so(tmp_path: Path, text: str | None) -> None:
    """With its name."""
    ca = tmp_path / "ca.pem"
    if text is not None:
        ca.write_text(text)

    with pytest.raises(UsageError, match=r"cannot read certificates from .*ca\.pem"):
        TlsOptions(ca=ca).factory(Address("https", "h", 443, ""))
