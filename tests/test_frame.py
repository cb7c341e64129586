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


# A folder or a file, and the modules of this project that it may import: the longest match decides.
MAY_IMPORT = {
    "scratchml/": ("scratchml",),
    "experiments/tracking/": ("experiments.tracking", "scratchml"),
    "experiments/executors/": (
        *("experiments.executors", "experiments.errors", "experiments.process"),
        "experiments.tracking.errors",
    ),
    "experiments/models/": (
        *("experiments.models", "experiments.own", "experiments.process", "experiments.errors"),
        *("experiments.words", "scratchml"),
    ),
    # One module reads YAML within limits: that of stores, and that of configurations.
    "experiments/schema/": (
        *("experiments.schema", "experiments.models", "experiments.errors", "experiments.own"),
        *("experiments.tracking.documents", "experiments.process", "experiments.words"),
        "scratchml",
    ),
    "experiments/running/": (
        *("experiments.running", "experiments.executors", "experiments.schema"),
        *("experiments.models", "experiments.tracking", "experiments.console"),
        "experiments.as_json",
        *("experiments.process", "experiments.errors", "experiments.own"),
        "scratchml",
    ),
    "experiments/checking/": (
        *(
            "experiments.checking",
            "experiments.schema",
            "experiments.own",
            "experiments.process",
            "experiments.models",
            "scratchml",
        ),
    ),
    "experiments/workbook/": (
        *("experiments.workbook", "experiments.console", "experiments.errors"),
        *("experiments.process", "scratchml"),
        *("experiments.models.ours", "experiments.models.calls"),
    ),
    "experiments/": ("experiments", "scratchml"),
    "hydra_plugins/": ("hydra_plugins", "experiments"),
    "analysis/": ("analysis", "experiments.tracking", "scratchml"),
    # The examples and the model of a stored run are made again, from where they came.
    "analysis/nets.py": (
        *("analysis", "experiments.schema.sources", "experiments.schema.synonyms"),
        *("experiments.models", "experiments.own", "experiments.schema.own_entries", "scratchml"),
        *("experiments.schema.named_code", "experiments.schema.stored"),
        *("experiments.schema.fingerprint", "experiments.tracking"),
    ),
    "analysis/options.py": ("analysis", "experiments.as_json", "experiments.tracking"),
    # A lesson of the user's own is read where the user says.
    "analysis/own_lesson.py": (
        *("analysis", "experiments.own", "experiments.errors"),
        "experiments.schema.own_lessons",
    ),
    # What is sealed of a lesson: its sweep, its rules, and for which seeds.
    "analysis/rules.py": (
        "analysis",
        "experiments.schema.own_lessons",
        "experiments.schema.defaults",
    ),
    "analysis/registration.py": ("analysis", "experiments.schema.settings", "experiments.tracking"),
    # Commands and their parts, which launch, print, hear Ctrl-C and start processes.
    **dict.fromkeys(
        (
            *("analysis/cli.py", "analysis/compare.py", "analysis/conclusion.py"),
            *("analysis/deciding.py", "analysis/lessons/__main__.py", "analysis/report.py"),
            *("analysis/printing.py", "analysis/reproduce.py", "analysis/learned.py"),
            *("analysis/query.py", "analysis/explore/__main__.py"),
            *("analysis/power.py", "analysis/decide.py", "analysis/register.py"),
            "analysis/sweeps/",
        ),
        ("analysis", "experiments", "scratchml"),
    ),
}

# Modules of scratchml that know scikit-learn.
SKLEARN_ADAPTERS = ("scratchml/fitting.py", "scratchml/labels.py", "scratchml/threads.py")
# Modules of scratchml that compile, and what they need for it.
COMPILER = {
    "scratchml/compiling.py": ("numba", "llvmlite", "filelock"),
    "scratchml/intrinsics.py": ("numba", "llvmlite"),
    "scratchml/vectors.py": ("numba", "llvmlite"),
}

# A package of others, and where alone it may be imported.
ONLY_IN = {
    "mlflow": ("experiments/tracking/",),
    "sqlalchemy": ("experiments/tracking/",),
    "hydra": ("hydra_plugins/", "experiments/train.py", "experiments/schema/"),
    "omegaconf": ("hydra_plugins/", "experiments/train.py", "experiments/schema/"),
    "matplotlib": ("analysis/",),
    "seaborn": ("analysis/",),
    "pandas": ("analysis/", "experiments/schema/", "experiments/tracking/model.py"),
}
OURS = ("scratchml", "experiments", "hydra_plugins", "analysis")


def imports(source):
    """Dotted names of everything that `source` imports, also in functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:  # others stay in their package
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name, modules):
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def forbidden(path, source):
    """What the file at `path`, relative to the root, imports and must not."""
    path, found = path.as_posix(), set()
    if not path.startswith(tuple(f"{package}/" for package in OURS)):
        return found
    allowed = MAY_IMPORT[max((key for key in MAY_IMPORT if path.startswith(key)), key=len)]
    for name in imports(source):
        top = name.partition(".")[0]
        if top in OURS:
            wrong = not is_within(name, allowed)
        elif path.startswith("scratchml/"):
            guest = path in SKLEARN_ADAPTERS
            adapter = ("sklearn", "threadpoolctl") if guest else COMPILER.get(path, ())
            wrong = top not in {*sys.stdlib_module_names, "numpy", *adapter}
        else:
            wrong = top in ONLY_IN and not path.startswith(ONLY_IN[top])
        found |= {name} if wrong else set()
    return found


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
        ("scratchml/mlp.py", "def f():\n    import scipy.stats", {"scipy.stats"}),
        ("scratchml/mlp.py", "import sklearn", {"sklearn"}),
        ("scratchml/fitting.py", "import sklearn", set()),
        ("scratchml/mlp.py", "from experiments.errors import E", {"experiments.errors.E"}),
        ("experiments/train.py", "from experiments.running import sweep", set()),
        ("experiments/train.py", "def f():\n    from analysis import data", {"analysis.data"}),
        ("experiments/tracking/store.py", "from experiments import errors", {"experiments.errors"}),
        ("experiments/tracking/store.py", "import mlflow.entities", set()),
        ("experiments/running/sweep.py", "import mlflow.entities", {"mlflow.entities"}),
        ("experiments/executors/x.py", "import experiments.running.y", {"experiments.running.y"}),
        ("experiments/schema/x.py", "from experiments import console", {"experiments.console"}),
        ("experiments/schema/x.py", "from experiments import models", set()),
        ("experiments/models/x.py", "import experiments.schema.x", {"experiments.schema.x"}),
        ("experiments/train.py", "import hydra_plugins.x", {"hydra_plugins.x"}),
        ("analysis/data.py", "from experiments.tracking import reader", set()),
        ("analysis/lessons/xor.py", "from experiments import train", {"experiments.train"}),
        ("analysis/lessons/xor.py", "from hydra import utils", {"hydra.utils"}),
        ("analysis/reproduce.py", "from experiments.train import sweep", set()),
    ],
)
def test_an_import_the_wrong_way_would_be_noticed(path, source, names):
    assert forbidden(Path(path), source) == names


def test_no_code_stands_beside_the_rooms():
    """On top of `experiments` are commands and what all rooms share; the rest is in the rooms."""
    on_top = {path.stem for path in (ROOT / "experiments").glob("*.py")}
    commands = {
        path for path in on_top if "__main__" in (ROOT / f"experiments/{path}.py").read_text()
    }
    shared = {
        "as_json",
        "console",
        "errors",
        "words",
    }
    assert on_top - commands == {"__init__", *shared}


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
