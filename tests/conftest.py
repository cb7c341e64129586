"""Settings of all tests: BLAS on one thread, Ctrl-C, and floating-point errors that raise."""

import signal

# What a shell starts in the background ignores Ctrl-C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

from experiments.process import startup  # noqa: E402

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


@pytest.fixture
def own_command():
    """The test is a command of its own: code that it names counts until its end."""
    from experiments.schema import own_entries  # few tests need it

    with own_entries.command():
        yield
