"""Health and figures of a running product; no question, no answer, no person."""
