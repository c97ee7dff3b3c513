"""Numbered changes to the ledger of user keys, in order."""
