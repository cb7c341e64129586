"""The standard streams of a command: a reader that leaves takes nothing with it.

`scratchml train -m ... | head -1` trains and stores the whole sweep; the lines that nobody reads
are dropped, and the exit status is that of the work. Output that cannot be written for another
reason, such as a full disk, is an error, which is said once; the work goes on, too.
"""

import io
import os
import sys

from experiments.process import interrupts

_lost = set()  # numbers of the streams that took no more output, for another reason than a reader's


class Raw(io.FileIO):
    """A stream of bytes that goes to nowhere from the moment at which it cannot be written."""

    def write(self, data):
        try:
            return super().write(data)
        except BrokenPipeError:
            pass
        except OSError as error:
            _lost.add(self.fileno())
            if self.fileno() != 2:
                os.write(2, f"the output cannot be written: {error.strerror}\n".encode())
        _lead_nowhere(self.fileno())
        return len(data)


def prepare():
    """Makes the standard streams of this process safe; for the first line of a command.

    Ctrl-C is no output of ours either: from now on it writes no traceback.
    """
    interrupts.in_a_word()
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # closed, so that the next file that is opened would get its number
            _lead_nowhere(number)
    sys.stdout, sys.stderr = _safe(sys.stdout, 1), _safe(sys.stderr, 2)


def status(code):
    """The exit status of a command whose work ended with `code`: 1 where output was lost."""
    sys.stdout.flush()
    return code or int(1 in _lost)


def _safe(stream, number):
    if stream is not None:
        if isinstance(getattr(stream.buffer, "raw", None), Raw):
            return stream
        stream.flush()
    # Signs that a terminal's encoding has not, and file names that are no text, are written out.
    encoding = stream.encoding if stream is not None else "utf-8"
    raw = Raw(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding,
        "backslashreplace",
        line_buffering=number == 2 or raw.isatty(),
        write_through=stream is not None and stream.write_through,  # python -u
    )


def _lead_nowhere(number):
    """Makes a file descriptor one of the null device."""
    opened = os.open(os.devnull, os.O_RDWR)
    if opened == number:
        os.set_inheritable(number, True)
    else:
        os.dup2(opened, number)
        os.close(opened)
