"""Names that the writer and the reader of a store share: tags, files, prefixes of arrays, metrics.

No other module of `experiments` or `analysis` spells out a tag, a file or a kind of run. Arrays
have the names that `scratchml.recording` gives them; models and lessons use these names whole.
"""

# Tags of a run.
KIND = "scratchml.kind"  # RUN, SWEEP, REPORT or SEAL
FINGERPRINT = "scratchml.fingerprint"  # of the configuration, once its run has ended by itself
IDENTITY = "scratchml.identity"  # all that its numbers depend on, part by part, as JSON
PROCESS = "scratchml.process"  # the process that writes a RUNNING run: `host:pid:start`
COMMAND = "scratchml.command"
VERSIONS = "scratchml.versions"
GIT_DIRTY = "scratchml.git_dirty"
BITS = "scratchml.bits"  # on which processors the nets have the same bits, in words
DIVERGED = "scratchml.diverged"
UNITS = "scratchml.units"  # of losses where targets are scaled, in words
MISSING_CLASSES = "scratchml.missing_classes"  # what the splits of real data left out, in words
ERROR = "scratchml.error"
DESCRIPTION = "mlflow.note.content"  # of an experiment: the text that MLflow shows above its runs
LESSON = "scratchml.lesson"  # of a seal: the lesson whose rules it holds
SEED_SET = "scratchml.seed_set"  # of a seal: the set of seeds that it is for
SEALED = "scratchml.sealed"  # of a seal: the digest of question, sweep, rules and limits
RANKED = "scratchml.ranked_by"  # of a sweep: the metric that says which of its runs are best

# Kinds of runs.
RUN, SWEEP, REPORT, SEAL = "run", "sweep", "report", "seal"

# Files of a run.
CONFIG_FILE = "config.yaml"
NETS_FILE = "nets.npz"
TABLE_FILE = "nets.csv"
DATA_FILE = "data.json"  # how a file of data became numbers: columns, targets, names of classes
CODE_FOLDER = "code"  # files of the user's own that the run's numbers go through
TRACEBACK_FILE = "traceback.txt"
SWEEP_FILE = "sweep.json"  # of a sweep: its command and the runs that belong to it
PATCH_FILE = "uncommitted.patch"  # of a sweep: what was changed in the code and not committed
SWEEP_TABLE = "nets.parquet"  # of a sweep: all its nets and their curves, one row a net
PAGE_FILE = "index.html"  # of a report
SEAL_FILE = "sealed.md"  # of a seal: what was sealed, in words

REGISTERED = "registered"  # the experiment of all seals

# Arrays of nets.npz: their names, or how their names begin. All but EPOCH have an axis of nets.
# `experiments.running.arrays` adds SEED and DIGEST to what `scratchml.recording` returns.
SEED, EPOCH, DIGEST = "seed", "epoch", "digest"
CURVE, FINAL, WEIGHTS, PATH = "curve/", "final/", "weights/", "path/"

# Metrics.
LOSS = "train/loss"
END_METRICS = (LOSS, "solved", "epochs_to_solve", "diverged")  # how the nets of a run ended
MORE_IS_BETTER = ("solved", "train/accuracy", "test/accuracy")  # of other metrics less is better
CURVE_METRICS = (
    *(LOSS, "train/accuracy", "train/rmse", "test/loss", "test/accuracy", "test/rmse"),
    "gradient_norm",
)
