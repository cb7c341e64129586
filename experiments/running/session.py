"""What outlives a launch: worker processes, and the ledger of the sweep that was launched last."""


class Session:
    """Worker processes for launches one after the other. Use it in a `with`, or `close` it.

    Whoever launches sweeps holds a session: the command, or the launcher plugin of Hydra.

    Attributes:
        title: the name of the sweep that is launched next, among others of the same command.
    """

    def __init__(self):
        self.pool = None
        self.ledger = None
        self.title = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __reduce__(self):  # another process has workers of its own
        return Session, ()

    def workers(self, settings):
        """The Pool of these settings: the present one, or a new one in its place.

        Raises:
            UserError: There is no such executor.
        """
        from experiments.executors.pool import Pool  # a session itself imports nothing

        if self.pool is not None and self.pool.settings != settings:
            self.close()
        self.pool = self.pool or Pool(settings, versions)
        return self.pool

    def kill(self):
        """Ends the workers at once, whatever they are doing."""
        if self.pool is not None:
            self.pool.kill()

    def close(self):
        """Ends the workers when they have finished their calls."""
        if self.pool is not None:
            self.pool.close()
            self.pool = None


def versions():
    """{name: version} of all that numbers depend on, in this process or on a worker."""
    import numpy

    from experiments.schema import source

    return {"scratchml": source.package_digest(), "numpy": numpy.__version__}
