# Everything from a plain python3: each target first makes .venv, or brings it up to date.

PYTHON ?= python3
PYTEST ?= -q -n auto --maxprocesses 4 --dist worksteal
BIN := .venv/bin
READY := .venv/ready

.PHONY: help lessons test format ui bench clean

help:
	@echo "make lessons   every lesson: sweep, claims, figures and the report"
	@echo "make ui        the runs, in MLflow's own pages"
	@echo "make test      formatter and linter, then every test"
	@echo "make format    formats the code, and repairs it where the linter can"
	@echo "make bench     what is fast, measured"
	@echo "make clean     remove .venv and caches; runs and figures stay"

lessons: $(READY)
	@$(BIN)/scratchml lessons

ui: $(READY)
	@$(BIN)/scratchml ui

test: $(READY)
	@$(BIN)/python -m ruff format --check --quiet
	@$(BIN)/python -m ruff check --quiet --output-format concise
	@$(BIN)/python -m pytest $(PYTEST)

format: $(READY)
	@$(BIN)/python -m ruff check --quiet --fix-only
	@$(BIN)/python -m ruff format --quiet

bench: $(READY)
	@$(INSTALL) '.[bench]'
	@$(BIN)/python -m benchmarks

clean:
	@rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Python keeps the modules that it has compiled, also where the environment forbids it, as that of
# many containers does: otherwise each process would compile several hundred modules again.
export PYTHONDONTWRITEBYTECODE :=

# uv installs ten times faster than pip, from the same constraints; it is used where it is there.
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
WITH := uv, which takes about ten seconds the first time
VENV := $(UV) venv --quiet --clear --python
INSTALL := $(UV) pip install --quiet --python $(BIN)/python -c constraints.txt -e
PIP :=
else
WITH := pip, which takes about a minute the first time
VENV := $(PYTHON) -m venv --clear
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e
PIP := import pip;
endif

# A .venv that was made by an older Python, or that lacks pip where it is needed, is made anew.
MODERN := import sys; sys.exit(sys.version_info < (3, 11))
USABLE := $(BIN)/python -c "$(PIP) $(MODERN)" 2>/dev/null

# A dot every second shows that the installation is at work; they end when its shell does.
$(READY): pyproject.toml constraints.txt
	@$(USABLE) || $(PYTHON) -c "$(MODERN)" 2>/dev/null \
	|| { echo "scratchml needs Python 3.11 or newer, and $(PYTHON) is not one." \
		"Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Preparing .venv with the versions in constraints.txt by $(WITH)"
	@$(USABLE) || $(VENV) $(if $(UV),$(PYTHON)) .venv
	@while kill -0 $$$$ 2>/dev/null && sleep 1; do printf .; done & dots=$$!; \
	$(INSTALL) '.[app,dask,postgres,test]'; status=$$?; \
	kill $$dots; echo; exit $$status
	@$(BIN)/python -m scratchml.precompile
	@touch $@
