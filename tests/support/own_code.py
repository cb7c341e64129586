"""A file of code of one's own, with an entry of each kind, for the tests of what becomes of it."""

from pathlib import Path

from experiments import own
from experiments.schema import own_entries
from experiments.schema.config import Config
from experiments.schema.defaults import defaults

TEXT = Path(__file__).with_name("one_of_each.py").read_text(encoding="utf-8")
# A knob for each kind, as words of a command line.
KNOBS = {"dataset": "plaid", "activation": "swish", "width": 4, "init": "halves", "lr": 0.01,
         "optimizer": "signs", "loss": "absolute", "measure": ["largest"], "stop": "far",
         "stop_at": 0.705}  # fmt: skip


def use(text, name="mine.py"):
    """Names a text as a file of code, in this process."""
    own_entries.use([own.of_text(name, text)])


def config(dataset="xor", model="mlp", **knobs):
    """The Config of these knobs, where files of conf/ are not all that there is."""
    return Config.from_mapping(dict(defaults(dataset, model)) | knobs)
