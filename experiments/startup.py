"""Settings of a process that computes: threads of BLAS, memory allocator, garbage collector.

Commands and workers call these functions; no import does. Call them before NumPy is imported where
that is possible: BLAS reads the number of its threads once, when it is loaded.
"""

import ctypes
import gc
import os
import sys
from contextlib import suppress

THREADS = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",  # Apple's Accelerate
)
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # options of glibc's mallopt
KEPT_AT_THE_END, LARGEST_BLOCK = 2**28, 2**25  # bytes


def computing():
    """Prepares a process that trains or evaluates nets: the same bits as everywhere, and fast."""
    one_blas_thread()
    keep_freed_memory()


def command():
    """Prepares the process of a command that trains and stores."""
    computing()
    collect_rarely()


def one_blas_thread():
    """BLAS computes each product on one thread, here and in the processes that are started here.

    The bits of a product depend on how many threads it is split over, and small nets are slower
    on several. A number of threads that the environment sets already is left as it is.
    """
    missing = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(missing, "1"))
    if missing and "numpy" in sys.modules:  # it has read the environment before
        limit_loaded_blas()


def limit_loaded_blas():
    """Limits a BLAS that is loaded already to one thread."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, "blas")


def keep_freed_memory():
    """The allocator of glibc keeps the memory of arrays that are freed.

    Arrays of a training step are made and freed all the time. glibc gives the larger ones back to
    the system, and to get them again costs ten times the computation (see docs/log.md). Other
    allocators are left as they are.
    """
    with suppress(AttributeError, OSError, TypeError):  # the process has no glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_TRIM_THRESHOLD, KEPT_AT_THE_END)
        mallopt(M_MMAP_THRESHOLD, LARGEST_BLOCK)


def collect_rarely():
    """The garbage collector looks rarely: records are many tuples, and none is in a cycle."""
    gc.set_threshold(50_000, 20, 20)


def leave(status):
    """Ends a command. Raises SystemExit; garbage collection at exit is skipped: saves 0.2 s."""
    gc.freeze()
    sys.exit(status)
