"""The frame holds: imports run one way, sources fit the page, nothing knows one machine."""

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for folder in ("scratchml", "experiments", "analysis", "hydra_plugins", "tests", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def tracked():
    """The repository's text files, whether committed yet or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in (ROOT / name for name in names.split("\0") if name):
        if path.is_file() and b"\0" not in path.read_bytes():
            yield path


def imports(source, lazy=True):
    """Top-level names of what `source` imports; if not lazy, without the imports in functions."""
    found, todo = set(), [ast.parse(source)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:  # a relative import stays within its package
                found.add(node.module.split(".")[0])
        elif lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += ast.iter_child_nodes(node)
    return found


def forbidden(path, source):
    """What the file at `path`, relative to the root, imports and must not."""
    found, package = imports(source), path.parts[0]
    if package == "scratchml":
        adapter = {"sklearn"} if path.name == "estimators.py" else set()
        return found - set(sys.stdlib_module_names) - {"numpy", "scratchml"} - adapter
    if package == "analysis":
        return found & {"hydra", "hydra_plugins", "omegaconf"}
    if package in ("experiments", "hydra_plugins"):
        return found & {"analysis"}
    return set()


def test_imports_run_one_way():
    violations = {
        str(path): names
        for path in (source.relative_to(ROOT) for source in SOURCES)
        if (names := forbidden(path, (ROOT / path).read_text()))
    }
    assert violations == {}


@pytest.mark.parametrize(
    ("path", "source", "names"),
    [
        ("scratchml/mlp.py", "import numpy as np\nimport math\nfrom scratchml import x", set()),
        ("scratchml/mlp.py", "def f():\n    import scipy.stats", {"scipy"}),
        ("scratchml/mlp.py", "import sklearn", {"sklearn"}),
        ("scratchml/estimators.py", "import sklearn", set()),
        ("scratchml/mlp.py", "from experiments.schema.config import Config", {"experiments"}),
        ("analysis/data.py", "import mlflow\nfrom scratchml import x", set()),
        ("analysis/lessons/xor.py", "from hydra import utils", {"hydra"}),
        ("experiments/tracking/store.py", "def f():\n    from analysis import data", {"analysis"}),
    ],
)
def test_an_import_the_wrong_way_would_be_noticed(path, source, names):
    assert forbidden(Path(path), source) == names


def test_hydra_finds_the_plugins_from_any_folder(tmp_path):
    # An __init__.py there, or an install by import hook, would hide them (see pyproject.toml).
    assert not (ROOT / "hydra_plugins" / "__init__.py").exists()
    code = "import hydra_plugins, pkgutil; print(*pkgutil.iter_modules(hydra_plugins.__path__))"
    run = [sys.executable, "-c", code]
    found = subprocess.run(run, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "scratchml_stacked" in found


def test_an_installed_copy_has_every_file_of_the_checkout():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages, patterns = tool["packages"]["find"]["include"], tool["package-data"]["*"]
    left_out = []
    for path in (path.relative_to(ROOT) for path in tracked()):
        package = ".".join(path.parent.parts)
        if path.parts[0] in {pattern.split(".")[0] for pattern in packages} and not (
            any(fnmatch(package, pattern) for pattern in packages)
            and any(fnmatch(path.name, pattern) for pattern in ("*.py", *patterns))
        ):
            left_out.append(str(path))
    assert left_out == []


def test_lines_have_at_most_100_columns():
    kinds = {".py", ".yaml", ".toml", ".j2"}
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in kinds or path.name in ("Makefile", "run")
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 100
    ]
    assert long == []


# Folders of somebody's machine. Those that every machine has, such as /usr, may be named.
ONE_MACHINE = re.compile(r"(?<![\w.}])/(?:work|root|home|Users|tmp|opt|mnt)/\w|\b[A-Z]:\\\\?[A-Z]")


def test_no_file_names_a_path_of_one_machine():
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked()
        if path != Path(__file__)  # holds the examples below
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if ONE_MACHINE.search(line)
    ]
    assert named == []


@pytest.mark.parametrize("text", ["cd /home/ann/x", "sqlite:////tmp/x.db", r"C:\Users\ann"])
def test_a_path_of_one_machine_would_be_noticed(text):
    assert ONE_MACHINE.search(text)


@pytest.mark.parametrize(
    "text", ["../home/x", "http://localhost/work", "/usr/bin/env", "{x}/tmp/y", "'/home/'"]
)
def test_other_paths_may_be_named(text):
    assert not ONE_MACHINE.search(text)


def test_blas_runs_on_one_thread():
    assert {pool["num_threads"] for pool in threadpoolctl.threadpool_info()} == {1}


@pytest.mark.parametrize(
    "provoke",
    [
        lambda x: np.exp(x * 1e3),
        lambda x: np.exp(x * -1e3),
        lambda x: x / (x - 1),
        lambda x: np.sqrt(-x),
    ],
    ids=["overflow", "underflow", "division", "invalid"],
)
def test_floating_point_errors_raise(provoke):
    with pytest.raises(FloatingPointError):
        provoke(np.ones(3))


@pytest.mark.errstate(under="ignore")
def test_a_test_can_let_one_kind_pass():
    assert np.all(np.exp(np.full(3, -1e3)) == 0)
    with pytest.raises(FloatingPointError):
        np.exp(np.full(3, 1e3))
