"""How large a file of configuration may be, whoever reads it."""

MOST_BYTES = 2**20
MOST_VALUES = 10_000  # of a file, its aliases written out; Hydra takes about 1 ms for each
