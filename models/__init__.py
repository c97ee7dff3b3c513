"""The local models; knows no document and no user."""
