"""A function of the user's own that has to return: a limit of time for each of its calls."""

from collections.abc import Callable
from functools import wraps

from experiments import own
from experiments.own import Fault
from experiments.process.limits import TookTooLong, Watched

SECONDS = 60.0  # that a call may take; in training there are thousands of calls a second
LONGEST = {"make": 600.0}  # fields of rows whose functions may take longer: a data set is made once


def in_time(function: Callable, field: str, what: str) -> Callable:
    """The same function, which raises where it does not return.

    Args:
        field: of its row.
        what: how a message calls it.

    Raises:
        Fault: A call has not returned in time.
    """
    place = own.place(function)
    said = f"{place}: {what}"

    @wraps(function)
    def called(*arguments, **knobs):
        seconds = LONGEST.get(field, SECONDS)
        call = Watched(seconds, said)
        try:
            with call:
                return function(*arguments, **knobs)
        except TookTooLong as error:
            call.leave()
            at = own.at(error) or f"{place}: "
            raise Fault(f"{at}{what} has not returned for {seconds:,.0f} s") from error

    return called
