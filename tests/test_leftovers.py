"""What killed processes leave is removed, and never what belongs to anybody else."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from support.processes import is_alive
from support.stores import empty_store, sample

from experiments.tracking import staging
from experiments.tracking.heartbeat import process_name
from experiments.tracking.queries import Wanted
from experiments.tracking.reader import Reader
from experiments.tracking.store import open_store
from experiments.tracking.uris import sqlite_uri

TESTS = Path(__file__).parent


@pytest.fixture
def uri(tmp_path, tmp_path_factory):
    return empty_store(tmp_path_factory, tmp_path)


def killed(code, *arguments):
    """Runs code in another process, which has to kill itself."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"},
    )
    assert done.returncode == -signal.SIGKILL


def killed_between_files_and_commit(uri):
    killed(
        """
        import os, signal, sys
        import sqlalchemy as sa
        from support.stores import sample
        from experiments.tracking.store import open_store

        with open_store(sys.argv[1], "xor") as store:
            store.write(sample(lr=1))
            kill = lambda _: os.kill(os.getpid(), signal.SIGKILL)
            sa.event.listen(store._writer.engine, "commit", kill)
            store.write_many([sample(lr=2), sample(lr=3)])
        """,
        uri,
    )


def root_of(uri):
    with open_store(uri, "xor") as store:
        return store._writer.root


def runs_in(root):
    return {path.name for path in root.iterdir()}


def stored(uri):
    reader = Reader(uri)
    return {run.id for run in reader.queries.all(reader.queries.experiment("xor"), Wanted())}


def make_old(root):
    """As if a killed writer had been dead for longer than a commit can take."""
    for folder in root.glob(f"{staging.WRITING}*"):
        say(folder, began=time.monotonic() - 2 * staging.GRACE)


def say(folder, **changes):
    """Changes what a folder says of itself."""
    said = json.loads((folder / staging.OWNER).read_text())
    (folder / staging.OWNER).write_text(json.dumps(said | changes))


def test_runs_that_a_killed_writer_did_not_commit_are_removed(uri):
    killed_between_files_and_commit(uri)
    root = root_of(uri)
    assert len(runs_in(root)) == 4  # one run, two runs without rows, and a folder that names them
    make_old(root)
    assert root_of(uri) == root
    assert runs_in(root) == stored(uri) and len(stored(uri)) == 1


def test_runs_whose_commit_went_through_stay(uri):
    with open_store(uri, "xor") as store:
        ids = store.write_many([sample(lr=1), sample(lr=2)])
    root = root_of(uri)
    dead = process_name().replace(f":{os.getpid()}:", ":2147480000:")
    folder = Path(staging.begin(root, store._writer.name, ids))
    say(folder, process=dead)
    make_old(root)
    assert root_of(uri) == root
    assert runs_in(root) == set(ids)


def test_what_is_alive_or_young_or_elsewhere_stays(uri):
    killed_between_files_and_commit(uri)
    root = root_of(uri)
    [folder] = root.glob(f"{staging.WRITING}*")
    said = json.loads((folder / staging.OWNER).read_text())
    before = runs_in(root)
    assert root_of(uri) == root and runs_in(root) == before  # a commit may still be on its way
    outside = root.parent / "outside"
    outside.mkdir()
    for change in (
        {"process": process_name()},  # it lives
        {"process": "another-host:1:1"},  # nobody can tell from here
        {"owner": "another store"},
        {"runs": ["../outside"]},
        {"runs": "x"},
    ):
        say(folder, **said | {"began": time.monotonic() if "runs" in change else -1e9} | change)
        assert root_of(uri) == root
        assert runs_in(root) == before and outside.exists(), change


@pytest.mark.parametrize("step", [-1e6, 1e6])
def test_a_clock_that_is_set_makes_nobody_older_or_younger(uri, step):
    """File times are as if the clock had been set by some days since the writer was killed."""
    killed_between_files_and_commit(uri)
    root = root_of(uri)
    [folder] = root.glob(f"{staging.WRITING}*")
    os.utime(folder, (time.time() + step,) * 2)
    before = runs_in(root)
    assert root_of(uri) == root and runs_in(root) == before  # it has just been killed
    make_old(root)
    os.utime(folder, (time.time() + step,) * 2)
    assert root_of(uri) == root and runs_in(root) == stored(uri)


def test_a_writer_of_before_the_machine_started_again_is_old(uri):
    killed_between_files_and_commit(uri)
    root = root_of(uri)
    [folder] = root.glob(f"{staging.WRITING}*")
    say(folder, began=time.monotonic() + 1e6)
    assert root_of(uri) == root and runs_in(root) == stored(uri)


def test_a_file_whose_writer_was_killed_is_removed_and_the_old_one_stays(tmp_path):
    killed(
        """
        import os, signal, sys
        from pathlib import Path
        from experiments.tracking import staging

        os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        root = Path(sys.argv[1])
        staging.replace_file(root, root / "run" / "file", b"new")
        """,
        tmp_path,
    )
    make_old(tmp_path)
    staging.clear_away(tmp_path, staging.FILES, lambda _: ())
    assert [path.name for path in tmp_path.rglob("*")] == ["run"]


def test_two_stores_in_one_folder_leave_each_others_files_alone(uri, tmp_path):
    other = sqlite_uri(tmp_path / "other.db")
    shutil.copy(tmp_path / "mlflow.db", tmp_path / "other.db")
    killed_between_files_and_commit(uri)
    with open_store(other, "xor") as store:
        theirs = store.write(sample(lr=5))
        root = store._writer.root
    make_old(root)
    before = runs_in(root)
    assert root_of(other) == root and runs_in(root) == before
    assert root_of(uri) == root
    assert runs_in(root) == stored(uri) | stored(other) and stored(other) == {theirs}
    assert Reader(other).files.path(Reader(other).run(theirs), "nets.npz").is_file()


def test_a_new_store_in_the_place_of_another_leaves_its_files_alone(uri, tmp_path):
    shutil.copy(tmp_path / "mlflow.db", tmp_path / "empty.db")
    killed_between_files_and_commit(uri)
    root = root_of(uri)
    make_old(root)
    before = runs_in(root)
    (tmp_path / "mlflow.db").rename(tmp_path / "backup.db")
    (tmp_path / "empty.db").rename(tmp_path / "mlflow.db")
    assert root_of(uri) == root and runs_in(root) == before


def test_files_of_a_database_that_was_lost_are_removed_later(uri, monkeypatch):
    with open_store(uri, "xor") as store:
        writer = store._writer

        def lost(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(writer, "_insert_runs", lost)
            patch.setattr(writer, "_ask_stored", lambda runs: _lost())
            with pytest.raises(KeyboardInterrupt):
                store.write(sample(lr=1))
        [folder] = writer.root.glob(f"{staging.WRITING}*")
        make_old(writer.root)
        monkeypatch.setattr(staging, "is_dead", lambda name: name == process_name())
        assert root_of(uri) == writer.root and not folder.exists()


def _lost():
    import sqlalchemy as sa

    raise sa.exc.OperationalError("", {}, Exception("lost"))


def test_a_folder_is_whole_or_not_there(tmp_path):
    place = tmp_path / "models" / "one"
    killed(
        """
        import os, signal, sys
        from pathlib import Path
        from experiments.tracking import staging

        with staging.whole_folder(Path(sys.argv[1])) as folder:
            folder.mkdir()
            (folder / "half").write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        """,
        place,
    )
    assert not place.exists() and len(list(place.parent.iterdir())) == 1
    make_old(place.parent)
    with pytest.raises(ZeroDivisionError), staging.whole_folder(place) as folder:
        folder.mkdir()
        raise ZeroDivisionError
    assert list(place.parent.iterdir()) == []
    place.mkdir()
    with staging.whole_folder(place) as folder:
        folder.mkdir()
        (folder / "all").write_text("")
    assert [path.name for path in place.parent.rglob("*")] == ["one", "all"]


def test_a_process_ends_with_the_one_that_started_it(tmp_path):
    (tmp_path / "sleeper.py").write_text(
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid} {sys.argv[1]}')\n"
        "os.rename('pids', 'ready')\n"
        "time.sleep(600)\n"
    )
    starter = """
    import os, signal, subprocess, sys, time
    from experiments.tracking.server import WATCHED

    command = [sys.executable, str(WATCHED), "sleeper", "word"]
    kept = subprocess.Popen(command, cwd=sys.argv[1], stdin=subprocess.PIPE, start_new_session=True)
    while not os.path.exists(os.path.join(sys.argv[1], "ready")):
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    killed(starter, tmp_path)
    *pids, word = (tmp_path / "ready").read_text().split()
    assert word == "word"
    from support.processes import wait_for

    wait_for(lambda: not any(is_alive(int(pid)) for pid in pids))
