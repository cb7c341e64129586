"""Launching and recording: Hydra on one side, MLflow on the other, NumPy in between.

Importing the package changes no setting of the process; commands call `process.startup`.
"""
