"""A process and its system: Ctrl-C, limits of time, clocks, standard streams, threads and memory.

Importing the package changes no setting of the process; commands call `startup`.
"""
