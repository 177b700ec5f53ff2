"""No credential and no mail in clear, and no talk with an impostor."""

import asyncio
import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.errors import BadSettings
from notifications.transport import (
    Delivery,
    Outcome,
    Phase,
    Security,
    SmtpSettings,
    SmtpTransport,
)
from tests.faulty_smtp import FaultySmtp

RAW = b"Subject: x\r\n\r\nbody\r\n"


class Certificates:
    """A self-signed certificate for *name* in files."""

    def __init__(self, folder: Path, name: str, until: int = 2100) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
            .not_valid_after(datetime.datetime(until, 1, 1, tzinfo=datetime.UTC))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.ca = folder / f"{name}.pem"
        self.ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file = folder / f"{name}.key"
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.ca, key_file)


def send(server: FaultySmtp, security: Security, ca_file: Path | None) -> Delivery:
    async def main() -> Delivery:
        async with server:
            settings = SmtpSettings(
                "localhost",
                server.port,
                security,
                username="vp",
                password="s3cret",
                timeout=5.0,
                ca_file=str(ca_file) if ca_file else None,
            )
            async with SmtpTransport(settings) as transport:
                return await transport.send("a@example.org", "b@example.org", RAW)

    return asyncio.run(main())


def secrets_in(server: FaultySmtp) -> list[str]:
    return [line for line in server.commands if line.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_trusted_server_gets_the_mail(tmp_path: Path, security: Security) -> None:
    own = Certificates(tmp_path, "localhost")
    implicit = security is Security.TLS
    extensions = ("AUTH PLAIN",) if implicit else ("STARTTLS", "AUTH PLAIN")
    server = FaultySmtp(extensions=extensions, tls=own.server, implicit_tls=implicit)
    assert send(server, security, own.ca).outcome is Outcome.SENT
    assert server.mails == [RAW]
    assert ("STARTTLS" in server.commands) is not implicit


def test_a_server_without_starttls_gets_nothing() -> None:
    server = FaultySmtp(extensions=("AUTH PLAIN",))
    delivery = send(server, Security.STARTTLS, None)
    assert (delivery.outcome, delivery.phase) == (Outcome.INFRA, Phase.CONNECT)
    assert secrets_in(server) == []


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize(
    ("name", "until", "trusted"),
    [("mail.example.org", 2100, True), ("localhost", 2021, True), ("localhost", 2100, False)],
    ids=["another name", "expired", "unknown authority"],
)
def test_an_impostor_gets_nothing(
    tmp_path: Path, security: Security, name: str, until: int, trusted: bool
) -> None:
    own = Certificates(tmp_path, name, until)
    implicit = security is Security.TLS
    server = FaultySmtp(extensions=("STARTTLS",), tls=own.server, implicit_tls=implicit)
    delivery = send(server, security, own.ca if trusted else None)
    assert (delivery.outcome, delivery.phase) == (Outcome.INFRA, Phase.CONNECT)
    assert "CERTIFICATE_VERIFY_FAILED" in delivery.text
    assert secrets_in(server) == []


def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refused:
        SmtpTransport(SmtpSettings("localhost", 25, ca_file=str(tmp_path / "none.pem")))
    assert refused.value.code == "smtp-ca-file"
    assert "none.pem" in refused.value.text()
