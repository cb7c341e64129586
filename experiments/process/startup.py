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
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",  # Apple's Accelerate
)
# Variables that a library believes more than its variable above.
OVERRULING = (
    "MKL_DOMAIN_NUM_THREADS",
    *("BLIS_JC_NT", "BLIS_PC_NT", "BLIS_IC_NT", "BLIS_JR_NT", "BLIS_IR_NT"),
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
    on several. So a number of threads that the environment sets is replaced: the same command gives
    the same bits in every shell. Each library reads the environment once, when it is loaded. One
    that is loaded already is limited, and one that comes later (SciPy has a BLAS of its own) finds
    the environment.
    """
    for name in OVERRULING:
        os.environ.pop(name, None)
    os.environ.update(dict.fromkeys(THREADS, "1"))
    if "numpy" in sys.modules:
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
