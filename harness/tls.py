"""
https: whose word about the target's certificate is taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from harness.addresses import Address
from harness.errors import UsageError


@frozen
class TlsOptions:
    """Trust the system's authorities, those in a PEM file `ca`, or, `insecure`, anybody."""

    ca: Path | None = None
    insecure: bool = False

    def factory(self, address: Address) -> Any:
        """Twisted's options for a connection to this address; None for http."""
        if address.scheme != "https":
            return None
        # Only https pays for OpenSSL's import.
        from OpenSSL.SSL import TLS_METHOD, Context  # noqa: PLC0415
        from twisted.internet import ssl  # noqa: PLC0415

        if self.insecure:

            class Anybody(ssl.ClientContextFactory):
                method = TLS_METHOD

                def getContext(self) -> Any:
                    return Context(TLS_METHOD)

            return Anybody()
        trust = None
        if self.ca is not None:
            try:
                trust = ssl.trustRootFromCertificates([ssl.Certificate.loadPEM(self.ca.read_bytes())])
            except Exception as wrong:  # noqa: BLE001 - OpenSSL's errors and the file system's: all are the file's
                message = f"cannot read certificates from {self.ca}: {wrong}"
                raise UsageError(message) from None
        return ssl.optionsForClientTLS(address.host, trustRoot=trust)
