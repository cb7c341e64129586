"""python -m benchmarks [NAME ...]: prints each table and writes benchmarks/results.md."""

import platform
import sys
from importlib import import_module, metadata

from benchmarks.measure import RESULTS

NAMES = ("start", "storing", "harness", "training", "whole", "growth")


def main(names):
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"benchmarks are {', '.join(NAMES)}; got {', '.join(sorted(unknown))}")
        return 2
    tables = [import_module(f"benchmarks.{name}").main() for name in names or NAMES]
    if not names:
        packages = ("numpy", "hydra-core", "mlflow", "scikit-learn")
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
        head = (
            "# Results\n\n`make bench` wrote this: every contender in one session, in turn. "
            f"Two cores, Python {platform.python_version()}, {versions}.\n"
        )
        RESULTS.write_text("\n".join([head, *tables]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
