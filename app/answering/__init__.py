"""The steps of an answer: written, examined beside what was said before, mended, put into words for a person."""
