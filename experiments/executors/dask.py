"""A Dask cluster to train on: the user starts it, we check it, and it is left running."""

import logging
import re
import socket
from collections import Counter
from concurrent.futures import Executor

from experiments.errors import UserError
from experiments.process import startup

PATIENCE = 10  # seconds to wait for the scheduler, and for its first worker


class Cluster:
    """The cluster of the scheduler at `address`; `slots` is how many tasks it runs at once.

    Args:
        versions: function that workers can import; {name: version} of all that results depend on.

    Raises:
        UserError: It cannot be reached, or its workers would not compute the same numbers as this
            process.
    """

    def __init__(self, address, versions=dict):
        try:
            from distributed import Client
        except ImportError:
            raise UserError("executor=dask needs a package: pip install distributed") from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # we say what is wrong
        match = re.fullmatch(r"(?:(?:tcp|tls)://)?\[?([^/]+?)\]?:(\d+)", address)
        if match is None:
            raise UserError(f"executor.address must be as in tcp://127.0.0.1:8786; got {address!r}")
        try:
            # Dask's client tries for long, and cannot be used again after it has given up.
            socket.create_connection(match.groups(), PATIENCE).close()
            self.client = Client(address, timeout=PATIENCE, set_as_default=False)
        except OSError as error:
            said = str(error).partition("\n")[0]
            raise UserError(
                f"no Dask scheduler answers at executor.address={address}; `dask scheduler` starts "
                f"one, and `dask worker ADDRESS` its workers ({said})"
            ) from None
        try:
            self._check(address, versions)
        except BaseException:
            self.close()
            raise
        self.slots = sum(self.client.nthreads().values())

    def _check(self, address, versions):
        workers = self._ask_workers(address, versions)
        for name, ours in versions().items():
            others = Counter(theirs[name] for theirs in workers.values() if theirs[name] != ours)
            if others:
                raise UserError(
                    f"{others.total()} of {len(workers)} Dask workers of {address} have another "
                    f"{name} than this process, and would not compute the same numbers; update "
                    "it there if necessary, and start them again"
                )

    def _ask_workers(self, address, versions):
        """{worker: its versions}"""
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
            return self.client.run(versions)
        except TimeoutError:
            raise UserError(
                f"the Dask scheduler at {address} has no workers; start one: dask worker {address}"
            ) from None
        except Exception as error:
            if "ModuleNotFoundError" not in repr(error):  # Dask may send it as text alone
                raise
            raise UserError(
                f"the Dask workers of {address} lack a module that training needs ({error}); start "
                "them in an environment where scratchml is installed"
            ) from None

    def executor(self):
        return Calls(self.client.get_executor(pure=False))

    def close(self):
        self.client.close()


class Calls(Executor):
    """Dask's executor, but BLAS computes on one thread in each call, as in a worker of our own.

    The workers are the user's. They have thread settings of their own, and one that joins the
    cluster later, or is started anew by its nanny, has them again.
    """

    def __init__(self, executor):
        self._executor = executor

    def submit(self, fn, /, *args, **kwargs):
        return self._executor.submit(_on_one_thread, fn, *args, **kwargs)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self._executor.shutdown(wait=wait)


def _on_one_thread(fn, *args, **kwargs):
    startup.one_blas_thread()
    return fn(*args, **kwargs)
