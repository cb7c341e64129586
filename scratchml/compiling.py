"""Loops as machine code: compiled by Numba once, kept in files, and loaded without Numba.

Numba takes seconds to import, and seconds more to compile. So its machine code goes into a file of
the environment, whose name is a digest of the loop's text and of the processor. Processes that
compute load the file by llvmlite, which is a part of Numba, in milliseconds.

`SCRATCHML_COMPILE=no` in the environment: everything is computed in NumPy, with the same bits.
`yes`: what no file has may be compiled. Otherwise only what is there is used.
"""

import hashlib
import os
import sys
from _ctypes import _memmove_addr, _memset_addr
from contextlib import suppress
from functools import cache
from pathlib import Path

from scratchml.job import BLOCK, JOB

SWITCH = "SCRATCHML_COMPILE"
PLACES = (Path(sys.prefix, "share", "scratchml"), Path.home() / ".cache" / "scratchml")
# What machine code asks for by name. Numba's own function frees arrays; no loop makes any.
EXTERNAL = {"memset": _memset_addr, "memmove": _memmove_addr, "memcpy": _memmove_addr}
EXTERNAL["NRT_MemInfo_call_dtor"] = _memset_addr
LOOPS = ("train", "differentiate", "evaluate", "solve")  # of `kernel.py`
PRODUCT = "multiply"  # of `wide.py`
# The modules whose text decides what machine code there is, beside that of a loop.
SOURCES = ("addresses", "compiling", "elementary", "intrinsics", "job", "kernel", "noted")
SOURCES += ("vectors", "wide")


class NotCompiled(Exception):
    """There is no machine code of this loop, and none can be made."""


def allow():
    """Lets this process, and those that it starts, compile what no file has."""
    os.environ.setdefault(SWITCH, "yes")


@cache
def machine():
    """llvmlite's binding, ready to load machine code, or None."""
    if os.environ.get(SWITCH) == "no":
        return None
    try:
        from llvmlite import binding
    except ImportError:
        return None
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    for name, at in EXTERNAL.items():
        binding.add_symbol(name, at)
    return binding


@cache
def _kind():
    """The digest of all that machine code depends on beside its text."""
    texts = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in SOURCES]
    binding = machine()
    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES") or binding.get_host_cpu_features().flatten()
    about = (
        f"{binding.get_process_triple()} {name} {features} {sys.modules['llvmlite'].__version__}"
    )
    return hashlib.sha256(b"\0".join([about.encode(), *texts])).hexdigest()


def _name(text, block):
    return hashlib.sha256(f"{_kind()} {block} {text}".encode()).hexdigest()[:24]


def is_there(text, block=BLOCK):
    """Whether a file has the machine code of a loop."""
    return any((place / _name(text, block)).is_file() for place in PLACES)


@cache
def loop(text, block=BLOCK):
    """Where the machine code of a loop is, by the text of a row, or by its name.

    Args:
        block: nets side by side, of which each of `LOOPS` has machine code of its own.

    Raises:
        NotCompiled: There is none, and none can be made.
    """
    if machine() is None:
        raise NotCompiled("Numba is not there, or not wanted")
    for place in PLACES:
        with suppress(OSError):
            return _loaded(place / _name(text, block))
    if os.environ.get(SWITCH) != "yes":
        raise NotCompiled("it has not been compiled yet")
    return _loaded(_made(text, block))


def note(text):
    """Makes an empty file in place of machine code: a note for `is_there`.

    Raises:
        NotCompiled: No folder can be written to.
    """
    for place in PLACES:
        with suppress(OSError):
            (place / _name(text, BLOCK)).touch()
            return
    raise NotCompiled("no folder can be written to")


def remove_old(days=30):
    """Removes files so many days older than the newest, most of them of another version."""
    for place in PLACES:
        made = {file: file.stat().st_mtime for file in place.glob("*")}
        for file, at in made.items():
            if at < max(made.values()) - days * 86400:
                with suppress(OSError):
                    file.unlink()


_engines = []  # which own the machine code that they have loaded


def _loaded(file):
    symbol, _, code = file.read_bytes().partition(b"\n")
    binding = machine()
    target = binding.Target.from_default_triple().create_target_machine(jit=True)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), target)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return engine.get_function_address(symbol.decode())


def _made(text, block):
    """The file of a loop's machine code, compiled by one process at a time."""
    try:
        import numba  # noqa: F401
        from filelock import FileLock
    except ImportError:
        raise NotCompiled("Numba is not there") from None
    for place in PLACES:
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            file = place / _name(text, block)
            with FileLock(place / "lock"):
                if not file.exists():
                    new = file.with_suffix(".new")
                    new.write_bytes(_compiled(text, block))
                    new.replace(file)
            return file
    raise NotCompiled("no folder can be written to")


def _compiled(text, block):
    """The symbol and the machine code of a loop."""
    from numba import carray, njit, types
    from numba.np.numpy_support import from_dtype

    from scratchml.intrinsics import functions

    found = dict(functions(block))
    if text in (*LOOPS, PRODUCT):
        of_kernel, arguments = found[text], (types.CPointer(from_dtype(JOB)),)

        def entry(job):
            of_kernel(carray(job, (1,))[0])
    else:
        exec(text, found)
        entry = found["row"]
        arguments = (types.CPointer(types.float64),) * 4 + (types.int64,) * 3
    # No fast mathematics: nothing is reordered, and no a * b + c is rounded once.
    wrappers = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compiled = njit(types.void(*arguments), error_model="numpy", **wrappers)(entry)
    (result,) = compiled.overloads.values()
    asks = {f.name for f in result.library._final_module.functions if f.is_declaration}
    asks = {name for name in asks - EXTERNAL.keys() if not name.startswith("llvm.")}
    if asks - {"sqrt"}:  # an instruction of any processor
        raise NotCompiled(f"it calls {asks}, which only Numba has")
    return f"{result.fndesc.mangled_name}\n".encode() + result.library._get_compiled_object()
