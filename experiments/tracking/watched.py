"""Runs a module of Python, and ends with the process that started it, however that one ended.

`python watched.py mlflow server ...`, with a pipe for standard input: the pipe is closed when the
process at its other end is gone, also after SIGKILL. This file is run as a script and imports
nothing of ours.
"""

import os
import runpy
import signal
import subprocess
import sys
import threading


def watch():
    """Ends this process and all that it has started, once standard input is closed."""
    os.read(0, 1)
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)
    subprocess.run(["taskkill", "/T", "/F", "/PID", str(os.getpid())], check=False)
    os._exit(1)


if __name__ == "__main__":
    sys.path[0] = ""  # not the folder of this file, whose modules have the names of others
    sys.argv = sys.argv[1:]
    threading.Thread(target=watch, daemon=True).start()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
