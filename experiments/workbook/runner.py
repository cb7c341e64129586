"""The process in which the reader's code runs. It imports nothing of this project.

    python -P -B runner.py < job.json

The job names a file, and calls of its functions or a population of nets to train. Each answer is a
line of JSON on standard output. What the reader's code prints does not go there: it is an answer,
too. Whatever the code does, it is told in which line of the reader's files it happened.
"""

import copy
import importlib.util
import inspect
import json
import linecache
import os
import random
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path

PRINTED = 3  # lines of print that are sent
MEMORY = 4 * 2**30  # bytes of addresses that the process may have


class Answers:
    """The way back to the teacher: one line of JSON for each answer."""

    def __init__(self, folder):
        self.folder = folder
        self.pipe = os.fdopen(os.dup(1), "w")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        self.printed, self.line, self.place_of_line = 0, "", {}

    def send(self, **answer):
        self.pipe.write(json.dumps(answer) + "\n")
        self.pipe.flush()

    def write(self, text):
        """Takes the place of standard output; `print` writes a line in several parts."""
        self.place_of_line = self.place_of_line or self.place(sys._getframe(1))
        *lines, self.line = (self.line + text).split("\n")
        for line in lines:
            if line.strip() and self.printed < PRINTED:
                self.printed += 1
                self.send(printed=line.strip()[:200], **self.place_of_line)
            self.place_of_line = {}
        self.line = self.line[:1000]
        return len(text)

    def flush(self):
        pass

    def place(self, frame):
        """The innermost line of the reader's code in a stack, given its innermost frame."""
        while frame and not frame.f_code.co_filename.startswith(self.folder):
            frame = frame.f_back
        return self._line(frame.f_code, frame.f_lineno) if frame else {}

    def error(self, error):
        """An exception in words, and where in the reader's code it came from."""
        place, trace = {}, error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename.startswith(self.folder):
                place = self._line(trace.tb_frame.f_code, trace.tb_lineno)
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and (error.filename or "").startswith(self.folder):
            source = (error.text or "").strip()
            place = {"file": Path(error.filename).name, "line": error.lineno, "source": source}
        said = getattr(error, "msg", None) if isinstance(error, SyntaxError) else str(error)
        return {"type": type(error).__name__, "said": said.partition("\n")[0][:200], **place}

    @staticmethod
    def start(function):
        """The first line of a function."""
        code = getattr(function, "__code__", None)
        return Answers._line(code, code.co_firstlineno) if code else {}

    @staticmethod
    def _line(code, number):
        source = linecache.getline(code.co_filename, number).strip()
        file = Path(code.co_filename).name
        return {"file": file, "line": number, "function": code.co_name, "source": source}


class Watch:
    """Ends this process when a call takes too long, and sends the line that was running."""

    def __init__(self, answers):
        self.answers, self.main = answers, threading.main_thread().ident
        self.changed, self.limit, self.what = threading.Event(), None, {}
        threading.Thread(target=self._wait, daemon=True).start()

    def begin(self, limit, **what):
        self.limit, self.what = limit, what
        self.changed.set()

    def end(self):
        self.begin(None)

    def _wait(self):
        while True:
            if not self.changed.wait(self.limit) and self.limit:
                place = self.answers.place(sys._current_frames()[self.main])
                self.answers.send(slow=place, **self.what)
                os._exit(0)
            self.changed.clear()


def load(folder, file):
    """The module of a file, with the folder of the reader behind all other places of modules."""
    sys.path.append(folder)
    name = Path(file).stem
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, file))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def formed(value, arrays):
    """An argument: lists, or NumPy arrays in their place; {"rng": 3} stands for a generator."""
    if isinstance(value, dict):
        return random.Random(value["rng"])
    if arrays and isinstance(value, list):
        return sys.modules["numpy"].array(value)
    return copy.deepcopy(value)


def plain(value):
    """Numbers and lists of what the reader's code returned. What is neither is named: {"is": …}."""
    if hasattr(value, "tolist"):  # NumPy
        value = value.tolist()
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str | bytes | dict | None) or not hasattr(value, "__iter__"):
        with suppress(TypeError, ValueError):  # fractions and decimals are numbers, too
            return {"is": "text"} if isinstance(value, str) else float(value)
        return {"is": type(value).__name__}
    return [plain(one) for one in value]


def call(module, answers, watch, job, one, arrays):
    """Calls a function of the reader's and sends what came out."""
    function = getattr(module, one["gap"], None)
    what = {"gap": one["gap"], "case": one["case"], "arrays": arrays, "at": Answers.start(function)}
    if not callable(function):
        return answers.send(missing=True, **what)
    given = [formed(value, arrays) for value in one["arguments"]]
    with suppress(TypeError, ValueError):  # a function of NumPy may have no signature
        try:
            inspect.signature(function).bind(*given)
        except TypeError:
            return answers.send(signature=str(inspect.signature(function)), **what)
    watch.begin(job["limit"], **what)
    try:
        value = plain(function(*given))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, too
        watch.end()
        return answers.send(error=answers.error(error), **what)
    watch.end()
    pairs = enumerate(zip(given, one["arguments"], strict=True))
    changed = [i for i, (now, before) in pairs if not isinstance(before, dict)
               and plain(now) != plain(before)]  # fmt: skip
    answers.send(value=value, changed=changed, **what)


def train(module, answers, watch, job):
    """Trains a population of nets, one after the other, and sends an answer for each net."""
    X, Y = (formed(job[name], job["arrays"]) for name in ("X", "Y"))
    for seed in job["seeds"]:
        try:
            answers.send(seed=seed, epochs=solve(module, job, X, Y, seed))
        except Exception as error:
            answers.send(seed=seed, epochs=None, error=answers.error(error))


def solve(module, job, X, Y, seed):
    """The epoch in which a net solves the task, or None. Looks at every tenth epoch."""
    net = module.initialize(len(X[0]), job["width"], random.Random(seed))
    if job["arrays"]:
        net = [sys.modules["numpy"].array(part, dtype=float) for part in net]
    for epoch in range(1, job["epochs"] + 1):
        net = module.train_step(*net, X, Y, job["lr"])
        if epoch % job["every"] == 0:
            errors = (abs(module.forward(*net, x)[1] - y) for x, y in zip(X, Y, strict=True))
            if all(error < job["tolerance"] for error in errors):
                return epoch
    return None


def limit_memory():
    """Lists that grow without an end shall not take the memory of the whole machine."""
    with suppress(ImportError, ValueError, OSError):  # Windows, or a lower limit than this
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main():
    job = json.load(sys.stdin)
    answers = sys.stdout = Answers(job["folder"])
    watch = Watch(answers)
    limit_memory()
    warnings.simplefilter("ignore")
    watch.begin(job["loading"])
    try:
        module = load(job["folder"], job["file"])
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return answers.send(loading=answers.error(error))
    watch.end()
    answers.send(ready=True)
    if "seeds" in job:
        return train(module, answers, watch, job)
    for one in job["calls"]:
        call(module, answers, watch, job, one, arrays=False)
        if "numpy" in sys.modules:
            call(module, answers, watch, job, one, arrays=True)


if __name__ == "__main__":
    main()
    sys.stdout.send(end=True)
    os._exit(0)  # threads that the reader's code has started do not hold the process
