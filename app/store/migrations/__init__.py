"""Numbered changes to the tables of people, in order; run together with those of the other packages."""
