"""Models as the harness knows them: scratchml's own and those of others, behind one interface."""

from experiments.models import ours, sklearn_models
from scratchml import models

# name -> Entry: the values of the knob `model`
MODELS = {name: ours.entry(name) for name in models.MODELS} | sklearn_models.ENTRIES
