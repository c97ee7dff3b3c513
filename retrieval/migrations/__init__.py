"""Numbered changes to retrieval's tables, in order; run together with those of the other packages."""
