"""python -m benchmarks [NAME ...]: prints each table and puts it into benchmarks/results.md."""

import platform
import re
import sys
from importlib import import_module, metadata

from benchmarks.measure import RESULTS

NAMES = ("start", "storing", "harness", "training", "whole", "growth", "browse")
SECTION = re.compile(r"<!-- (\w+) -->\n(.*?)(?=<!-- |\Z)", re.DOTALL)


def main(names):
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"benchmarks are {', '.join(NAMES)}; got {', '.join(sorted(unknown))}")
        return 2
    for name in names or NAMES:
        keep(name, import_module(f"benchmarks.{name}").main())
    return 0


def keep(name, table):
    """Puts a benchmark's table in its place among those of earlier sessions."""
    known = dict(SECTION.findall(RESULTS.read_text())) if RESULTS.exists() else {}
    known[name] = table + "\n"
    packages = ("numpy", "hydra-core", "mlflow", "scikit-learn")
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in packages)
    head = (
        "# Results\n\n`make bench` wrote this. The contenders of one table ran in one session, in "
        f"turn. Two cores, Python {platform.python_version()}, {versions}.\n\n"
    )
    parts = [f"<!-- {name} -->\n{known[name]}" for name in NAMES if name in known]
    RESULTS.write_text(head + "".join(parts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
