"""Settings of all tests: BLAS on one thread, Ctrl-C, and floating-point errors that raise."""

import signal

# What a shell starts in the background ignores Ctrl-C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

from experiments import startup  # noqa: E402

startup.computing()  # before NumPy is imported; child processes inherit the settings

import numpy as np  # noqa: E402
import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def floating_point_errors(request):
    """Overflow, underflow, division by zero and invalid operations in NumPy raise.

    A test that is about one of them lets it pass: @pytest.mark.errstate(under="ignore").
    """
    mark = request.node.get_closest_marker("errstate")
    with np.errstate(**{"all": "raise"} | (mark.kwargs if mark else {})):
        yield
