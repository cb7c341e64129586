"""Hydra's way into scratchml: a launcher that trains all jobs together, a sweeper that has grids.

Hydra finds and executes `config`, `launcher` and `sweeper` at every start, so these import only
modules that Hydra has imported already. The modules with an underscore are imported when a sweep
is launched.
"""
