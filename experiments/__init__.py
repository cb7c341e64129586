"""Launching and recording: Hydra on one side, MLflow on the other, NumPy in between."""

import ctypes
import os
from contextlib import suppress

# A net's bits must not depend on how many threads BLAS splits a product over, and nets this small
# are slower on several. It counts only when set before NumPy is first imported.
for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

# Arrays of a step come and go. glibc gives larger ones back to the system each time, and to have
# them again costs ten times what is computed in them; so it may keep them (see docs/log.md).
with suppress(AttributeError, OSError, TypeError):  # no glibc here
    for _option, _bytes in ((-1, 2**28), (-3, 2**25)):  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
        ctypes.CDLL(None).mallopt(_option, _bytes)
