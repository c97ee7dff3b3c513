"""The local models; knows no document and no user."""

import os

# OpenMP reads these once, when its library loads: threads that wait for work then sleep almost at once instead of
# spinning. The 0.5B on two cores, tokens/s quiet and with others busy on both: with LLVM's OpenMP 20 and 3 as it comes,
# 17 and 11 so; with GCC's 15 and 3 as it comes, 13 and 7 so.
os.environ.setdefault("KMP_BLOCKTIME", "0")
os.environ.setdefault("GOMP_SPINCOUNT", "2000")

# When ggml gives up it calls a debugger to print where; what it prints may hold what people asked.
os.environ.setdefault("GGML_NO_BACKTRACE", "1")
