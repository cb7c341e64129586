"""Names that the writer and the reader of a store share: tags, files, prefixes of arrays, metrics.

No other module of `experiments` or `analysis` spells them out.
"""

# Tags of a run.
KIND = "scratchml.kind"  # RUN, SWEEP or REPORT
FINGERPRINT = "scratchml.fingerprint"  # of the configuration, once its run has ended by itself
PROCESS = "scratchml.process"  # the process that writes a RUNNING run: `host:pid:start`
COMMAND = "scratchml.command"
VERSIONS = "scratchml.versions"
GIT_DIRTY = "scratchml.git_dirty"
DIVERGED = "scratchml.diverged"
ERROR = "scratchml.error"

# Kinds of runs.
RUN, SWEEP, REPORT = "run", "sweep", "report"

# Files of a run.
CONFIG_FILE = "config.yaml"
NETS_FILE = "nets.npz"
TABLE_FILE = "nets.csv"
TRACEBACK_FILE = "traceback.txt"
SWEEP_FILE = "sweep.json"  # of a sweep: its command and the runs that belong to it
PAGE_FILE = "index.html"  # of a report

# Arrays of nets.npz: their names, or how their names begin. All but EPOCH have an axis of nets.
SEED, EPOCH, DIGEST = "seed", "epoch", "digest"
CURVE, FINAL, WEIGHTS, PATH = "curve/", "final/", "weights/", "path/"

# Metrics.
LOSS = "train/loss"
END_METRICS = (LOSS, "solved", "epochs_to_solve", "diverged")  # how the nets of a run ended
CURVE_METRICS = (LOSS, "train/accuracy", "test/loss", "test/accuracy", "gradient_norm")
