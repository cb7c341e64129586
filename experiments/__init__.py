"""Launching and recording: Hydra on one side, MLflow on the other, NumPy in between."""

import os

# A net's bits must not depend on how many threads BLAS splits a product over, and nets this small
# are slower on several. It counts only when set before NumPy is first imported.
for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
