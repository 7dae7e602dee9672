"""TLS to PostgreSQL, as the address asks for it in libpq's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from metadb.engine import create_engine
from metadb.errors import UnusableDatabase
from tests.support.clusters import Cluster, cluster

IS_SECURE = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@dataclass(frozen=True)
class Authority:
    """Somebody who signs certificates, and the certificate of who signs."""

    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def made(cls, name: str) -> "Authority":
        """A new one, which signs itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        built = _certificate(name, key, name).add_extension(constraints, critical=True)
        return cls(name, key, built.sign(key, hashes.SHA256()))

    def signed(self, host: str) -> tuple[bytes, bytes]:
        """A server's certificate and its key, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        built = _certificate(host, key, self.name).add_extension(names, critical=False)
        return _pem(built.sign(self.key, hashes.SHA256())), key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
    )


@dataclass(frozen=True)
class Secured:
    """A server with a certificate for `localhost`.

    Attributes:
        cluster: The server.
        right: A file with its authority's certificate.
        wrong: A file with that of another.
    """

    cluster: Cluster
    right: Path
    wrong: Path

    def address(self, query: str, host: str = "127.0.0.1") -> str:
        """The address, with these parameters."""
        found = self.cluster.address().replace("127.0.0.1", host)
        return f"{found}?{query}"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A server with ssl=on."""
    folder = tmp_path_factory.mktemp("certificates")
    right, wrong = Authority.made("right"), Authority.made("wrong")
    for one in (right, wrong):
        (folder / one.name).write_bytes(_pem(one.certificate))
    with cluster() as made:
        certificate, key = right.signed("localhost")
        made.write("server.crt", certificate)
        made.write("server.key", key)
        made.start("ssl=on")
        yield Secured(made, folder / "right", folder / "wrong")


async def is_secure(address: str) -> bool:
    """Whether a connection to the address is encrypted."""
    engine = create_engine(address)
    try:
        async with engine.connect() as connection:
            return bool(await connection.scalar(text(IS_SECURE)))
    finally:
        await engine.dispose()


async def refused(address: str) -> str:
    """What is said of an address that is not connected to."""
    with pytest.raises(UnusableDatabase) as caught:
        await is_secure(address)
    return str(caught.value)


@pytest.mark.parametrize(
    ("mode", "secure"), [("disable", False), ("prefer", True), ("require", True)]
)
async def test_modes_without_a_check_encrypt_if_they_say_so(
    secured: Secured, mode: str, secure: bool
) -> None:
    assert await is_secure(secured.address(f"sslmode={mode}")) is secure


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
async def test_a_certificate_of_the_authority_is_taken(
    secured: Secured, mode: str
) -> None:
    query = f"sslmode={mode}&sslrootcert={secured.right}"

    assert await is_secure(secured.address(query, "localhost"))


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_a_certificate_of_another_authority_is_refused_in_one_sentence(
    secured: Secured, mode: str
) -> None:
    query = f"sslmode={mode}&sslrootcert={secured.wrong}"

    said = await refused(secured.address(query, "localhost"))

    assert said.startswith("postgresql://postgres@localhost:")
    assert "the server's certificate is not trusted: " in said
    assert "\n" not in said


async def test_only_verify_full_checks_the_servers_name(secured: Secured) -> None:
    authority = f"sslrootcert={secured.right}"

    assert await is_secure(secured.address(f"sslmode=verify-ca&{authority}"))
    said = await refused(secured.address(f"sslmode=verify-full&{authority}"))

    assert "the server's certificate is not trusted: " in said
    assert "127.0.0.1" in said


async def test_a_server_without_tls_is_refused_where_it_is_required() -> None:
    with cluster() as plain:
        plain.start()

        said = await refused(f"{plain.address()}?sslmode=require")

        assert "cannot be reached: " in said
        assert "SSL" in said
        assert not await is_secure(f"{plain.address()}?sslmode=prefer")
