"""
Targets whose TLS is hostile: none at all, garbage, cut short, a certificate that nobody vouches for.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet import ssl
from twisted.internet.protocol import Factory, Protocol

from harness.verdicts import Exit
from tests.hostile import Line, Scene, hostile
from tests.hostile.answers import FIRST, NEXT, PATIENT

INSECURE = ("--insecure",)


def _certificate() -> Any:
    """What a server says it is: anybody's certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hostile")])
    begins = dt.datetime.now(dt.UTC)
    ends = begins + dt.timedelta(days=1)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begins, ends)
    pem = built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ssl.PrivateCertificate.loadPEM(pem + secret).options()


def _secure(scene: Scene) -> None:
    """Serve by TLS, and say so."""
    scene.serves = False
    scene.reactor.listenSSL(scene.port, scene.site, _certificate(), interface="127.0.0.1")
    _says_so(scene)


def _says_so(scene: Scene) -> None:
    scene.reactor.callWhenRunning(print, json.dumps({"url": f"https://127.0.0.1:{scene.port}/"}), flush=True)


@hostile(options=INSECURE)
def breaks_a_record(scene: Scene) -> None:
    """In the middle of a connection come bytes that are no TLS."""

    def attack(line: Line) -> None:
        line.transport.transport.write(b"HTTP/1.1 200 OK\r\n\r\nnot TLS at all")

    scene.take(attack)
    _secure(scene)


@hostile(*PATIENT, NEXT, FIRST, options=INSECURE)
def resets_amid_an_answer(scene: Scene) -> None:
    """The connection is reset in the middle of a body, without a word of TLS."""

    def attack(line: Line) -> None:
        line.answer(b"Content-Length: 1000000")
        scene.reactor.callLater(0.05, line.transport.transport.abortConnection)

    scene.take(attack)
    _secure(scene)


@hostile(asked=(), honest=(), exit=Exit.USAGE, because="see --ca and --insecure")
def is_vouched_for_by_nobody(scene: Scene) -> None:
    """The certificate is its own."""
    _secure(scene)


@hostile(asked=(), honest=(), exit=Exit.USAGE, because="nothing to test", options=INSECURE)
def is_not_secure(scene: Scene) -> None:
    """What says that it is https answers in plain HTTP; nobody else answers there."""
    _raw(scene, b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@hostile(asked=(), honest=(), exit=Exit.USAGE, because="nothing to test", options=INSECURE)
def never_shakes_hands(scene: Scene) -> None:
    """The handshake is never answered."""
    _raw(scene, b"")


@hostile(asked=(), honest=(), exit=Exit.USAGE, because="nothing to test", options=INSECURE)
def shakes_hands_without_end(scene: Scene) -> None:
    """The handshake is answered with alerts, without end."""
    _raw(scene, b"\x15\x03\x03\x00\x02\x01\x5a" * 1000)


def _raw(scene: Scene, said: bytes) -> None:
    """Say these bytes to everybody who says something, each time; nothing where there are none."""

    class Raw(Protocol):
        def dataReceived(self, data: bytes) -> None:
            assert self.transport is not None
            if said:
                self.transport.write(said)

    scene.serves = False
    scene.reactor.listenTCP(scene.port, Factory.forProtocol(Raw), interface="127.0.0.1")
    _says_so(scene)
