"""What `inhouse doctor --security` finds of TLS: the certificate, its key, the names it is for, the protocol.

Looks at the two files and at what the system's OpenSSL would speak; opens no connection.
"""

import ipaddress
import os
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from app.doctor import Finding
from app.settings import Settings

NAME = "TLS"
SOON = timedelta(days=30)
"""Authorities that renew by themselves do so thirty days before the end: less means that it did not work."""
LEAST_RSA_BITS = 2048
BROKEN = frozenset({"md5", "sha1"})
OTHERS = stat.S_IRWXG | stat.S_IRWXO
BEHIND_A_PROXY = "A proxy in front ends it; look at the certificate there."
RENEW = "Put a new certificate in its place and start Inhouse again."


def check_tls(settings: Settings, *, now: datetime | None = None) -> Iterator[Finding]:
    """Yield what is found of TLS, each with what to change; `now` is for tests."""
    certificate, key = settings.tls_certificate_file, settings.tls_key_file
    if certificate is None or key is None:
        yield Finding(name=NAME, found=BEHIND_A_PROXY if settings.proxy_ends_tls else "It is not used.")
        return
    faults = [*_of_certificate(certificate, settings, now or datetime.now(UTC)), *_of_key(key, certificate)]
    faults += _of_protocol(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).minimum_version)
    if faults:
        yield from (Finding(name=NAME, found=found, remedy=remedy) for found, remedy in faults)
        return
    until = _read(certificate).not_valid_after_utc.date().isoformat()
    yield Finding(name=NAME, found=f"The certificate is valid until {until} and for every name Inhouse answers to.")


def _of_certificate(file: Path, settings: Settings, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the certificate, and what to change."""
    try:
        certificate = _read(file)
    except (OSError, ValueError):
        yield f"The certificate {file} cannot be read as PEM.", "Correct tls_certificate_file."
        return
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        yield (
            f"The certificate is valid from {begins:%Y-%m-%d} only.",
            "Look at this machine's clock.",
        )
    if now >= ends:
        yield f"The certificate ran out on {ends:%Y-%m-%d}.", RENEW
    elif ends - now < SOON:
        yield f"The certificate runs out on {ends:%Y-%m-%d}, in {(ends - now).days} days.", RENEW
    missing = [name for name in _names(settings) if not _covers(certificate, name)]
    if missing:
        yield (
            f"The certificate is not for {', '.join(missing)}.",
            "Have one made for them, or correct host_names.",
        )
    public, signed_with = certificate.public_key(), certificate.signature_hash_algorithm
    if isinstance(public, RSAPublicKey) and public.key_size < LEAST_RSA_BITS:
        yield f"The certificate's key has {public.key_size} bits only.", "Have one made with 2048 bits or more."
    if signed_with is not None and signed_with.name in BROKEN:
        yield f"The certificate is signed with {signed_with.name.upper()}, which can be forged.", RENEW


def _of_key(file: Path, certificate: Path) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the private key, and what to change."""
    try:
        mode, held = file.stat().st_mode, load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        yield f"The key {file} cannot be read as PEM without a passphrase.", "Correct tls_key_file."
        return
    if os.name != "nt" and mode & OTHERS:
        yield f"Others of this machine can read the key {file}.", f"Run `chmod 600 '{file}'`."
    try:
        expected = _read(certificate).public_key()
    except (OSError, ValueError):
        return  # told already
    shape = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if held.public_key().public_bytes(*shape) != expected.public_bytes(*shape):
        yield f"The key {file} does not belong to the certificate.", "Name the key the certificate was made for."


def _of_protocol(least: ssl.TLSVersion) -> Iterator[tuple[str, str]]:
    """Yield a fault where this machine's OpenSSL would speak an old protocol."""
    if least < ssl.TLSVersion.TLSv1_2:
        yield (
            "Protocols older than TLS 1.2 would be spoken.",
            "Set MinProtocol = TLSv1.2 in openssl.cnf.",
        )


def _read(file: Path) -> x509.Certificate:
    """Return the first certificate of a PEM file, which is the server's own."""
    return x509.load_pem_x509_certificates(file.read_bytes())[0]


def _names(settings: Settings) -> list[str]:
    """Return the names people open Inhouse by: those of the settings, else the address it is served at."""
    bound = [] if settings.host in {"0.0.0.0", "::", ""} else [settings.host]  # noqa: S104 - these are no names
    return list(settings.host_names) or bound


def _covers(certificate: x509.Certificate, name: str) -> bool:
    """Whether a certificate is for a name or an address; `*.` stands for one label."""
    try:
        held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    try:
        return ipaddress.ip_address(name) in held.get_values_for_type(x509.IPAddress)
    except ValueError:
        wanted = name.lower().rstrip(".")
    known = {one.lower() for one in held.get_values_for_type(x509.DNSName)}
    return wanted in known or "*." + wanted.partition(".")[2] in known
