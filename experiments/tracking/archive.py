"""A sweep as one ZIP file to send to somebody, and such a file from anybody, read within limits.

It holds scratchml.json, which lists the runs, and runs/FINGERPRINT/NAME for each file of FILES. It
is not compressed, so that no file in it is larger than the archive. It holds no code.
"""

import json
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from experiments.tracking.damage import DAMAGE
from experiments.tracking.errors import Damaged
from experiments.tracking.layout import CONFIG_FILE, DATA_FILE, NETS_FILE
from experiments.tracking.text import briefly

ABOUT = "scratchml.json"
VERSION = 1
FILES = (CONFIG_FILE, NETS_FILE, DATA_FILE)
MEMBER = re.compile(rf"runs/[0-9a-f]{{64}}/({'|'.join(map(re.escape, FILES))})")
ABOUT_SIZE = 2**26  # bytes of scratchml.json; a run takes about 3,000
MOST = 2**20  # files in an archive
EPOCH = (1980, 1, 1, 0, 0, 0)  # the time of all files, so that equal sweeps make equal archives


class Packed(NamedTuple):
    """A run as the archive lists it."""

    fingerprint: str
    name: str
    tags: dict[str, str]
    start_ms: int
    end_ms: int


def write(path: Path, about: Mapping[str, Any], runs: Iterable[tuple[Packed, dict]]) -> int:
    """Writes an archive of runs, each with {name of a file: its bytes}; returns their number."""
    listed = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for run, files in runs:
            listed.append(run._asdict())
            for name, data in files.items():
                archive.writestr(_entry(f"runs/{run.fingerprint}/{name}"), data)
        text = json.dumps({"version": VERSION, **about, "runs": listed}, indent=1)
        archive.writestr(_entry(ABOUT), text)
    return len(listed)


def _entry(name):
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry


class Archive:
    """An archive that is open for reading. Use it in a `with`.

    Attributes:
        experiment: the name of the experiment that it is of.
        command: the command that has launched the sweep.
        runs: the Packed of each run.

    Raises:
        Damaged: It is not what `write` makes: other names, links, packed or encrypted files, ...
    """

    def __init__(self, path: Path):
        self.path = path
        with self.explained():
            self._zip = zipfile.ZipFile(path)
            try:
                self._check()
                about = json.loads(self._zip.read(ABOUT))
                if about["version"] != VERSION:
                    raise ValueError(f"it is of version {about['version']!r}")
                self.experiment = _text(about["experiment"], 256)
                self.command = _text(about["command"], 8000)
                self.runs = [*map(_packed, about["runs"])]
                names = [run.fingerprint for run in self.runs]
                if len({*names}) < len(names):
                    raise ValueError("it lists a run twice")
            except BaseException:
                self._zip.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._zip.close()

    def file(self, run: Packed, name: str) -> bytes | None:
        """The bytes of a run's file; None where there is none."""
        with self.explained():
            member = f"runs/{run.fingerprint}/{name}"
            return self._zip.read(member) if member in self._zip.namelist() else None

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Within it, whatever the archive's contents raise is `Damaged`, in one sentence."""
        try:
            yield
        except FileNotFoundError:
            raise Damaged(f"there is no file {self.path}") from None
        except Damaged:
            raise
        except (*DAMAGE, IndexError, ArithmeticError) as error:
            said = f"{self.path} is no archive of `scratchml pack` ({briefly(error)})"
            raise Damaged(said) from error

    def _check(self):
        """Raises ValueError unless the ZIP file has only entries that `write` makes."""
        entries = self._zip.infolist()
        if len(entries) > MOST or len({e.filename for e in entries}) < len(entries):
            raise ValueError("it has too many files, or one twice")
        for entry in entries:
            name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
            if name != ABOUT and not MEMBER.fullmatch(name):
                raise ValueError(f"it has a file {name!r}")
            if kind not in (0, stat.S_IFREG) or entry.flag_bits & 1 or entry.is_dir():
                raise ValueError(f"{name} is a link, a folder, or encrypted")
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
                raise ValueError(f"{name} is packed")
            if name == ABOUT and entry.file_size > ABOUT_SIZE:
                raise ValueError(f"{name} has {entry.file_size:,} bytes")
        if sum(entry.file_size for entry in entries) > self.path.stat().st_size:
            raise ValueError("its files are larger than itself")


def _packed(said):
    run = Packed(**said)
    if not re.fullmatch(r"[0-9a-f]{64}", run.fingerprint) or not isinstance(run.tags, dict):
        raise ValueError("a run has no fingerprint, or no tags")
    if not all(type(time) is int and 0 <= time < 2**53 for time in (run.start_ms, run.end_ms)):
        raise ValueError("a run has no times")
    tags = {_text(key, 250): _text(value, 8000) for key, value in run.tags.items()}
    return run._replace(name=_text(run.name, 250), tags=tags)


def _text(value, longest):
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(f"a text is none, or has more than {longest:,} letters")
    return value
