"""One module a format family: bytes in, a Document with structure and warnings out."""
