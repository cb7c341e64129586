"""Limits of time for code that is not ours, in every thread and on every system.

In the main thread of a system with alarms, an alarm interrupts the code wherever it waits. For
other threads, on Windows, and for functions that are called too often to set an alarm each time, a
watchdog looks once a second at the calls that are being made. Python then raises an error in the
thread of a call that is over its time, before the next instruction of that thread. A call that
still does not end waits inside of C: a worker process then says so, and ends itself.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from experiments.process.clock import Stopwatch

AGAIN = 1.0  # seconds until code that has caught the error is interrupted once more
DEAF = 10.0  # seconds over its limit after which a call is taken to hear nothing


class TookTooLong(BaseException):
    """Raised in the middle of a call that does not return; `except Exception` lets it pass."""


class Watched:
    """A call under the eyes of the watchdog: `with Watched(60.0, "mine.py, line 12: ...") as call`.

    Its time is what the watchdog has waited, so a process that was stopped, by Ctrl-Z, is not late.
    Who catches the error calls `leave`: another one may have come before the call was left.

    Raises:
        TookTooLong: In the middle of the call, when the seconds are over; then again after 1, 2, 4,
            ... seconds, if the code goes on.
    """

    __slots__ = ("said", "seconds", "waited", "alarms")

    def __init__(self, seconds: float, said: str):
        self.seconds, self.said, self.waited, self.alarms = seconds, said, 0.0, 0

    def __enter__(self):
        _watchdog.start()
        _calls.setdefault(threading.get_ident(), []).append(self)
        return self

    def __exit__(self, *_):
        self.leave()

    def leave(self):
        """Takes the call off the list; an error that is still on its way is called back.

        Calls inside of it, which an error may have interrupted while they began or ended, go too.
        """
        thread = threading.get_ident()
        with _lock:
            calls = _calls.get(thread, [])
            if self in calls:
                del calls[calls.index(self) :]
            if not calls:
                _calls.pop(thread, None)
            if self.alarms:
                _raise(thread, None)

    @property
    def over(self) -> float:
        """Seconds that it takes longer than it may."""
        return self.waited - self.seconds


_calls: dict[int, list[Watched]] = {}  # thread -> the calls that it is making, the outermost first
_lock = threading.Lock()  # held while a call is left, and while an error is sent to it


def _raise(thread, error):
    """Lets an error be raised in a thread, before its next instruction; None calls it back."""
    sent = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), sent)


class _Watchdog:
    """One thread a process, which is started when it is needed."""

    def __init__(self):
        self.thread = None
        self.may_end = False  # whether this process may be ended
        self.told = None  # the call that nobody could interrupt

    def start(self):
        if self.thread is None:
            self.thread = threading.Thread(target=self.watch, daemon=True)
            self.thread.start()

    def watch(self):
        while True:
            time.sleep(AGAIN)
            if self.thread is not threading.current_thread():  # another one has begun to count
                return
            for thread, calls in list(_calls.items()):
                for call in list(calls):
                    call.waited += AGAIN
                late = [c for c in list(calls) if c.over > (2**c.alarms - 1) * AGAIN]
                if late:
                    self.end(thread, calls, late[0])

    def end(self, thread, calls, call):
        """Ends a call; where it hears nothing, this process, if that is a worker."""
        with _lock:
            if call not in calls:  # it has just returned
                return
            call.alarms += 1
            _raise(thread, TookTooLong)
        if call.over > DEAF and self.told is not call:
            self.told = call
            ends = ", and its worker is ended" if self.may_end else "; Ctrl-C stops the command"
            print(f"{call.said} has not returned for {call.waited:,.0f} s{ends}", file=sys.stderr)
            sys.stderr.flush()
            if self.may_end:
                os._exit(1)


_watchdog = _Watchdog()


def may_end_this_process() -> None:
    """From now on this process, a worker, is ended where a call of the user's hears nothing."""
    _watchdog.may_end = True


@contextmanager
def limited(
    seconds: float, error: BaseException | type[BaseException], said: str = "code of your own"
) -> Iterator[None]:
    """Raises an error inside after some time, or after what is left of a limit around this one.

    Args:
        said: what is called, for a message about a call that cannot be interrupted.
    """
    has_alarms = hasattr(signal, "setitimer")
    if has_alarms and threading.current_thread() is threading.main_thread():
        with Watched(seconds + DEAF, said), _alarm(seconds, error):
            yield
        return
    call = Watched(seconds, said)
    try:
        with call:
            yield
    except TookTooLong:
        call.leave()
        if call.over < 0:  # a limit around this one is over
            raise
        raise error from None


@contextmanager
def _alarm(seconds, error):
    armed = True

    def ring(*_):
        if armed:
            raise error

    before, (left, _) = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    watch = Stopwatch()
    try:  # the alarm may ring at once
        if not left or left >= seconds:  # otherwise a limit around this one, with its own error
            signal.signal(signal.SIGALRM, ring)
            signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        yield
    finally:
        armed = False  # no further alarm may keep the next lines from being executed
        rest = max(left - watch.seconds, 1e-3) if left else 0.0
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, rest, AGAIN if rest else 0.0)
