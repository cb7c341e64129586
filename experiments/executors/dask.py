"""A Dask cluster to train on: started by somebody else, checked here, and left running."""

import logging
import re
import socket
from collections import Counter

import numpy as np

from experiments.errors import UserError
from experiments.schema.config import source_digest

PATIENCE = 10  # seconds to wait for the scheduler, and for its first worker


class Cluster:
    """The cluster of the scheduler at `address`; `slots` is how many tasks it runs at once.

    Raises:
        UserError: It cannot be reached, or would not compute the same numbers as this machine.
    """

    def __init__(self, address):
        try:
            from distributed import Client
        except ImportError:
            raise UserError("executor=dask needs a package: pip install distributed") from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is wrong is said by us
        match = re.fullmatch(r"(?:(?:tcp|tls)://)?\[?([^/]+?)\]?:(\d+)", address)
        if match is None:
            raise UserError(f"executor.address must be as in tcp://127.0.0.1:8786; got {address!r}")
        try:
            # Dask's client tries again for long, and is not fit for another try when it gives up.
            socket.create_connection(match.groups(), PATIENCE).close()
            self.client = Client(address, timeout=PATIENCE, set_as_default=False)
        except OSError as error:
            said = str(error).partition("\n")[0]
            raise UserError(
                f"no Dask scheduler answers at executor.address={address}; `dask scheduler` starts "
                f"one, and `dask worker ADDRESS` its workers ({said})"
            ) from None
        try:
            self._check(address)
        except BaseException:
            self.close()
            raise
        self.slots = sum(self.client.nthreads().values())

    def _check(self, address):
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
            workers = self.client.run(_prepare)
        except TimeoutError:
            raise UserError(
                f"the Dask scheduler at {address} has no workers; start one: dask worker {address}"
            ) from None
        except Exception as error:
            if "ModuleNotFoundError" not in repr(error):  # Dask may send it as text alone
                raise
            raise UserError(
                f"the Dask workers of {address} lack what trains here ({error}); start them in an "
                "environment where scratchml is installed"
            ) from None
        here = _versions()
        for what, ours in here.items():
            others = Counter(theirs[what] for theirs in workers.values() if theirs[what] != ours)
            if others:
                raise UserError(
                    f"{others.total()} of {len(workers)} Dask workers of {address} have another "
                    f"{what} than this process, and would not compute the same numbers; update "
                    "them if need be, and start them anew"
                )

    def executor(self):
        return self.client.get_executor(pure=False)

    def close(self):
        self.client.close()


def _versions():
    """What numbers depend on."""
    return {"scratchml": source_digest(), "numpy": np.__version__}


def _prepare():
    """On a worker: BLAS works on one thread, as in a worker of our own."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, "blas")
    return _versions()
