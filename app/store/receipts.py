"""Signed receipts: what was destroyed, and when, so that anybody can see later that it was not made up.

Ed25519 under a descendant of the master key. The public keys an installation ever signed with are in its ledger, so
receipts from before a rotation can still be verified.

Source: Josefsson and Liusvaara, RFC 8032 (Ed25519).
"""

import json
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Engine, insert, select

from app.store.derivation import RECEIPTS, derive
from app.store.errors import FalseReceiptError
from app.store.schema import signers

Receipt = dict[str, Any]


class Signer:
    """Signs and verifies the receipts of one installation."""

    def __init__(self, ledger: Engine, master: bytes) -> None:
        """Note the public key of this master key in the ledger."""
        self._ledger = ledger
        self._key = Ed25519PrivateKey.from_private_bytes(derive(master, RECEIPTS))
        self.public_key = self._key.public_key().public_bytes_raw().hex()
        with ledger.begin() as connection:
            row = {"public_key": self.public_key, "since": time.time()}
            connection.execute(insert(signers).prefix_with("OR IGNORE").values(row))

    def signed(self, told: Receipt) -> Receipt:
        """Return what is told with the public key and the signature."""
        whole = told | {"public_key": self.public_key}
        return whole | {"signature": self._key.sign(_written(whole)).hex()}

    def verify(self, receipt: Receipt) -> None:
        """Check that this installation signed a receipt and nobody changed it.

        Raises:
            FalseReceiptError: it is not so.
        """
        with self._ledger.connect() as connection:
            ours = set(connection.scalars(select(signers.c.public_key)))
        try:
            told = {name: value for name, value in receipt.items() if name != "signature"}
            public_key, signature = str(receipt["public_key"]), bytes.fromhex(receipt["signature"])
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, _written(told))
        except (InvalidSignature, KeyError, ValueError, TypeError, AttributeError) as error:
            raise FalseReceiptError from error
        if public_key not in ours:
            raise FalseReceiptError


def _written(told: Receipt) -> bytes:
    """Write a receipt in the one way that is signed."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
