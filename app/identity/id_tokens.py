"""Whether an ID token is what it says: signed by the provider, for us, for this sign-in, now.

joserfc proves the signature, Authlib compares the claims; here stands what is asked of both. Asks nobody.
Source: OpenID Connect Core 1.0, 3.1.3.7.
"""

from contextlib import suppress
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError
from joserfc.jwk import KeySet, import_key

from app.identity.refusals import ForeignTokenError, ForgedTokenError, OutdatedTokenError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a private key. None that whoever knows a public key, or the client's secret, could make."""
LEEWAY_SECONDS = 60
"""How far the provider's clock may be off."""
LONGEST_SUBJECT = 255
UNREADABLE = (JoseError, ValueError, TypeError, KeyError, RecursionError)
"""What joserfc raises for keys and tokens that are none."""
MOMENTS = frozenset({"exp", "iat", "nbf"})


def verified(
    token: str, keys: list[dict[str, Any]], *, issuer: str, client_id: str, nonce: str, access_token: str
) -> dict[str, Any]:
    """Return what a token claims, once all of it is proved.

    Args:
        token: as it came for a code.
        keys: what the provider signs with.
        issuer: the provider.
        client_id: who we are there.
        nonce: what was sent with this very sign-in.
        access_token: what came with it.

    Raises:
        ForgedTokenError: the signature is not the provider's, or of a kind that proves nothing.
        OutdatedTokenError: it has run out, or is from the future.
        ForeignTokenError: it is another provider's, for another client, or of another sign-in.
    """
    try:
        signed = jwt.decode(token, KeySet.import_key_set({"keys": _public(keys)}), algorithms=ALGORITHMS)
    except UNREADABLE as error:
        raise ForgedTokenError from error
    claims = CodeIDToken(
        signed.claims,
        signed.header,
        options={"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}},
        params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
    )
    try:
        claims.validate(leeway=LEEWAY_SECONDS)
    except ExpiredTokenError as error:
        raise OutdatedTokenError from error
    except InvalidClaimError as error:
        raise (OutdatedTokenError if getattr(error, "claim", "") in MOMENTS else ForeignTokenError) from error
    except (JoseError, ValueError, TypeError) as error:
        raise ForeignTokenError from error
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ForeignTokenError
    return dict(claims)


def usable(keys: list[dict[str, Any]]) -> int:
    """Return how many of a provider's keys can prove a signature here."""
    count = 0
    for key in _public(keys):
        with suppress(*UNREADABLE):
            import_key(key)
            count += 1
    return count


def _public(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the keys that are public ones for signatures."""
    return [key for key in keys if key.get("kty") != "oct" and key.get("use") != "enc"]
