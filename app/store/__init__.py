"""The encrypted database and the sealed files beside it."""
