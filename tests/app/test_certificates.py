"""What `inhouse doctor --security` says of certificates: made here, with every fault they can have."""

import ipaddress
import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from app.certificates import _of_protocol, check_tls
from app.settings import Settings

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """A certificate as it should be, unless something is changed."""

    begins: datetime = NOW - DAY
    ends: datetime = NOW + 90 * DAY
    names: tuple[str, ...] = ("inhouse.example", "*.office.example")
    address: str = "192.0.2.1"
    bits: int = 0
    """Of an RSA key; 0: a key on a curve."""


def settings_for(folder: Path, wanted: Wanted, *host_names: str, host: str = "192.0.2.1") -> Settings:
    """Write a certificate with its key and return the settings that name them."""
    key = rsa.generate_private_key(65537, wanted.bits) if wanted.bits else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Inhouse")])
    names = [x509.DNSName(one) for one in wanted.names]
    addresses = [x509.IPAddress(ipaddress.ip_address(wanted.address))]
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(wanted.begins).not_valid_after(wanted.ends)
    builder = builder.add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    private.touch(mode=0o600)
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files = {"tls_certificate_file": certificate, "tls_key_file": private}
    return Settings(home=folder, host=host, host_names=host_names, sign_in=True, **files)  # type: ignore[arg-type]


def told(settings: Settings) -> list[str]:
    """Return every fault, with its remedy."""
    return [f"{one.found} {one.remedy}" for one in check_tls(settings, now=NOW) if one.remedy]


@pytest.mark.parametrize(
    "names", [(), ("inhouse.example",), ("INHOUSE.example.",), ("a.office.example", "b.office.example"), ("192.0.2.1",)]
)
def test_a_certificate_as_it_should_be_is_no_fault(tmp_path: Path, names: tuple[str, ...]) -> None:
    settings = settings_for(tmp_path, Wanted(), *names)
    assert told(settings) == []
    (found,) = check_tls(settings, now=NOW)
    assert (NOW + 90 * DAY).date().isoformat() in found.found


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Wanted(ends=NOW - timedelta(hours=1)), "ran out on"),
        (Wanted(ends=NOW + 12 * DAY + timedelta(hours=1)), "in 12 days"),
        (Wanted(begins=NOW + 2 * DAY), "Look at this machine's clock"),
        (Wanted(bits=1024), "has 1024 bits only"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told_with_what_to_do(
    tmp_path: Path, wanted: Wanted, sentence: str
) -> None:
    (fault,) = told(settings_for(tmp_path, wanted))
    assert sentence in fault


@pytest.mark.parametrize(
    "name", ["other.example", "office.example", "x.y.office.example", "192.0.2.2", "xinhouse.example"]
)
def test_names_the_certificate_is_not_for_are_told(tmp_path: Path, name: str) -> None:
    (fault,) = told(settings_for(tmp_path, Wanted(), "inhouse.example", name))
    assert f"not for {name}." in fault


def test_a_certificate_without_names_is_for_none(tmp_path: Path) -> None:
    (fault,) = told(settings_for(tmp_path, replace(Wanted(), names=()), "inhouse.example"))
    assert "not for inhouse.example" in fault


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None]
)
def test_files_that_cannot_be_read_are_faults(tmp_path: Path, content: bytes | None) -> None:
    settings = settings_for(tmp_path, Wanted())
    for file, remedy in (("cert.pem", "Correct tls_certificate_file"), ("key.pem", "Correct tls_key_file")):
        whole = (tmp_path / file).read_bytes()
        if content is None:
            (tmp_path / file).unlink()
        else:
            (tmp_path / file).write_bytes(content)
        (fault,) = told(settings)
        assert remedy in fault
        (tmp_path / file).write_bytes(whole)
        (tmp_path / file).chmod(0o600)


def test_a_key_others_can_read_of_another_certificate_or_with_a_passphrase_is_a_fault(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, Wanted())
    file = tmp_path / "key.pem"
    file.chmod(0o640)
    assert "chmod 600" in told(settings)[0]
    file.chmod(0o600)
    other = ec.generate_private_key(ec.SECP256R1())
    file.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert "does not belong" in told(settings)[0]
    file.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    assert "without a passphrase" in told(settings)[0]


def test_without_a_certificate_nothing_is_wrong_and_a_proxy_is_pointed_to(tmp_path: Path) -> None:
    assert told(Settings(home=tmp_path)) == []
    (found,) = check_tls(Settings(home=tmp_path, sign_in=True, proxy_ends_tls=True))
    assert "proxy" in found.found


def test_an_old_protocol_is_a_fault() -> None:
    assert list(_of_protocol(ssl.TLSVersion.TLSv1_2)) == []
    assert "MinProtocol" in next(iter(_of_protocol(ssl.TLSVersion.TLSv1)))[1]
