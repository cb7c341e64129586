# Everything from a plain python3: each target first makes .venv, or brings it up to date.

PYTHON ?= python3
PYTEST ?= -q -n auto --maxprocesses 4
BIN := .venv/bin
READY := .venv/ready

.PHONY: help lessons test ui bench clean

help:
	@echo "make lessons   every lesson: sweep, claims, figures and the report"
	@echo "make ui        the runs, in MLflow's own pages"
	@echo "make test      ruff, then every test"
	@echo "make bench     what is fast, measured"
	@echo "make clean     remove .venv and caches; runs and figures stay"

lessons: $(READY)
	@$(BIN)/python -m analysis.reproduce

ui: $(READY)
	@$(BIN)/python -m experiments.ui

test: $(READY)
	@$(BIN)/python -m ruff check --quiet --output-format concise
	@$(BIN)/python -m pytest $(PYTEST)

bench: $(READY)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@$(BIN)/python -m benchmarks

clean:
	@rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv that cannot run pip, or was made by an older Python, is made anew; others are kept.
MODERN := import sys; sys.exit(sys.version_info < (3, 11))

$(READY): pyproject.toml constraints.txt
	@$(BIN)/python -c "import pip; $(MODERN)" 2>/dev/null \
	|| $(PYTHON) -c "$(MODERN)" 2>/dev/null \
	|| { echo "scratchml needs Python 3.11 or newer, and $(PYTHON) is not one." \
		"Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Preparing .venv with the versions in constraints.txt; the first time takes a minute."
	@$(BIN)/python -c "import pip; $(MODERN)" 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check \
		-c constraints.txt -e '.[app,dask,postgres,test]'
	@touch $@
