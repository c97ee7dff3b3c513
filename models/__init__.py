"""The local models; knows no document and no user."""

import os

# OpenMP reads this once, when its library loads: threads that wait for work then sleep almost at once instead of
# spinning. Measured on two shared cores: 7 tokens/s instead of 3, and nearly no loss when the machine is quiet.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
