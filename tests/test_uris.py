"""Every name of a file has an address, and all who read the address mean that file."""

import os
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient
from support.stores import empty_store, sample

from experiments.tracking import database, locations
from experiments.tracking.errors import StoreError
from experiments.tracking.places import default_uri
from experiments.tracking.reader import Reader
from experiments.tracking.store import open_store
from experiments.tracking.uris import absolute, scheme, shown, sqlite_file, sqlite_uri

# A store in each takes half a second, so one name has several signs.
NAMES = ["a%25b", "%00", "a?b=%41", "a#b;c&d", " a ", "a'b\"c\\d", "a\nb\tc\x7f", "üe\u0301日本",
         "b:c@d", "[*]{a}${x}~|+", "file:x", "sqlite:"]  # fmt: skip
ANY_NAME = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1)


@settings(deadline=None)
@given(ANY_NAME.filter(lambda name: name not in (".", "..")))
def test_every_name_has_an_address_that_means_it_however_often_it_is_read(name):
    path = Path("/srv", name, f"{name}.db")
    uri = sqlite_uri(path)
    assert scheme(uri) == "sqlite" and sqlite_file(uri) == path
    assert absolute(uri) == absolute(absolute(uri)) == uri
    assert sa.make_url(uri).database == shown(uri) == str(path)
    assert locations.local_folder(path.parent.as_uri()) == path.parent
    assert locations.local_folder(locations.absolute(path.parent.as_uri())) == path.parent


@pytest.mark.parametrize("name", NAMES)
def test_writer_reader_and_mlflow_mean_the_same_files(tmp_path_factory, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    shutil.move(sqlite_file(empty_store(tmp_path_factory, tmp_path)), folder / f"{name}.db")
    uri = sqlite_uri(folder / f"{name}.db")
    with open_store(uri, "xor") as store:
        run_id = store.write(sample())
    files = folder / "mlartifacts" / "1" / run_id / "artifacts"
    assert {path.name for path in files.iterdir()} == {"config.yaml", "nets.csv", "nets.npz"}
    reader = Reader(uri)
    run = reader.run(run_id)
    assert reader.files.path(run, "nets.csv") == (files / "nets.csv").resolve()
    MlflowClient(store.uri).log_text(run_id, "", "note.txt")
    assert (files / "note.txt").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a%25b", "a?b #"])
def test_files_go_to_the_folder_that_was_named_as_a_path(
    tmp_path_factory, tmp_path, monkeypatch, name
):
    uri = empty_store(tmp_path_factory, tmp_path)
    monkeypatch.chdir(tmp_path)
    for experiment, root in (("xor", tmp_path / name), ("moons", Path(name))):
        monkeypatch.setenv(locations.ROOT, str(root))
        with open_store(uri, experiment) as store:
            run_id = store.write(sample())
        MlflowClient(uri).log_text(run_id, "", "note.txt")
        files = tmp_path / name / store.experiment_id / run_id / "artifacts"
        assert {"nets.csv", "note.txt"} < {path.name for path in files.iterdir()}


def test_a_location_that_is_a_path_is_read_as_mlflow_reads_it(tmp_path_factory, tmp_path):
    uri = empty_store(tmp_path_factory, tmp_path)
    MlflowClient(uri).create_experiment("xor", f"{tmp_path}/a%25b/1")
    with open_store(uri, "xor") as store:
        run_id = store.write(sample())
    MlflowClient(uri).log_text(run_id, "", "note.txt")
    files = tmp_path / "a%b" / "1" / run_id / "artifacts"
    assert {"nets.csv", "note.txt"} < {path.name for path in files.iterdir()}
    assert not (tmp_path / "a%25b").exists()


@pytest.mark.parametrize("name", ["a%25b", "a?b", "ü #'\""])
def test_the_projects_own_store_lies_in_the_project(tmp_path, monkeypatch, name):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr("experiments.tracking.places.project_root", lambda: tmp_path / name)
    assert sqlite_file(default_uri()) == tmp_path / name / "mlflow.db"


def test_a_name_that_is_no_text_is_refused(tmp_path):
    folder = tmp_path / os.fsdecode(b"\xff")
    with pytest.raises(StoreError, match="a store cannot lie at .*choose another folder"):
        sqlite_uri(folder / "mlflow.db")


SECRET = "s3cret"
MALFORMED = [
    "postgresql://ada:s3cret@127.0.0.1:x/x",
    "postgresql://ada:s3cret@127.0.0.1:99999/x",
    "postgresql://ada:s3cret@127.0.0.1:0/x",
    "postgresql://ada:s3cret/y@127.0.0.1:x/x",
    "postgresql://ada:s3cret y@127.0.0.1:x/x",
    "postgresql://ada:s3cret@y@127.0.0.1:x/x",
    "postgresql:ada:s3cret@127.0.0.1/x",
    "postgres://ada:s3cret@127.0.0.1/x",
    "ftp://ada:s3cret@127.0.0.1/x",
    "http://ada:s3cret@127.0.0.1:x/",
    "http://ada:s3cret@127.0.0.1:99999",
    "http://ada:s3cret@[127.0.0.1/",
    "http://ada:s3cret@:5000",
    "http://ada:s3cret@a b:5000",
    "http://ada:s3cret@a:5000/ü",
    "http://",
    "http:5000",
    "sqlite://mlflow.db",
    "sqlite://srv/mlflow.db",
    "sqlite:mlflow.db",
    "sqlite:///file:/srv/x.db?uri=true",
    "sqlite:////srv/a\0b",
    "sqlite:////srv/a%00b",
    "sqlite:///",
    "",
    ":",
]


@pytest.mark.parametrize("uri", MALFORMED)
def test_an_address_that_nothing_can_have_is_one_sentence_without_the_password(uri, monkeypatch):
    monkeypatch.setattr(database, "create", None)  # nothing is made
    for use in (open_store, Reader):
        with pytest.raises(StoreError) as caught:
            use(uri or "x")
        said = str(caught.value)
        assert said.startswith(("the URI of a store ", "a store in SQLite must name a file"))
        assert SECRET not in said and len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["", "folder", "new/", "device", "link"])
def test_what_is_no_file_is_no_store_and_stays_what_it_is(tmp_path, name):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "device")  # as /dev/null, to which the store's rename would put an end
    (tmp_path / "link").symlink_to("device")
    for use in (open_store, Reader):
        with pytest.raises(
            StoreError, match=r"^a store in SQLite must name a file.* a folder or a"
        ):
            use(f"sqlite:///{tmp_path}/{name}")
    assert (tmp_path / "device").is_fifo() and len([*tmp_path.iterdir()]) == 3
    with pytest.raises(StoreError, match="must name a file"):
        use("sqlite:////")


@settings(deadline=None)
@given(st.sampled_from(MALFORMED[:20]), st.text(max_size=5), st.integers(0, 40))
def test_no_address_is_a_traceback(uri, text, place):
    try:
        scheme(uri[:place] + text + uri[place:])
    except StoreError:
        pass
