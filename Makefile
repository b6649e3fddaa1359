# `make dataset` builds the dataset from seeds/, `make test` runs every test but the slow ones. Each command sets everything up first,
# with uv where it is found and does its work, otherwise with a virtual environment and pip from the committed lock.
.PHONY: dataset test test-slow lint setup with-pip lock clean
.DEFAULT_GOAL := dataset
# Naming a shell makes every version of make look commands up on the PATH below.
SHELL := /bin/bash
# The stages say `python -m etl …`: it must be the Python of .venv.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_NO_ANALYTICS := 1
# Stages, their workers and many tests are processes of their own. Where the environment says to keep no bytecode, each of
# them would compile its libraries anew, two seconds of three: it is kept all the same, in .venv and not beside the source.
ifdef PYTHONDONTWRITEBYTECODE
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/.venv/pycache
endif
UV := $(shell command -v uv 2>/dev/null)
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := .venv/bin/pip --disable-pip-version-check

dataset: setup
	dvc repro

# Half of the tests goes to each worker, and one that is done takes from the other: handed out in small lots, a file's
# tests fall to several workers, and each makes anew what they share.
test: setup
	pytest -n auto --dist worksteal

# Whole runs, killed, moved to other engines and begun again: minutes, after a change of how builds run.
test-slow: setup
	pytest -n auto --dist worksteal -m slow

lint: setup
	ruff check .
	ruff format --check .
	mypy

setup: .venv/ready

.venv/ready: pyproject.toml uv.lock requirements.lock
	@echo "setting up .venv"
	@{ test -n "$(UV)" && uv sync --frozen --quiet; } || $(MAKE) --no-print-directory with-pip
	@touch $@

# The lock names every package, so pip is not asked to resolve anything; old ones trip over extras when they do.
with-pip:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found"; exit 1; }
	@echo "installing with pip and $(PYTHON): a minute or more"
	@test -x .venv/bin/pip || $(PYTHON) -m venv .venv
	@$(PIP) install -qq --no-deps -r requirements.lock
	@$(PIP) install -qq --no-deps -e .

# After a change of dependencies in pyproject.toml.
lock:
	uv lock
	uv export --frozen --quiet --no-hashes --no-emit-project -o requirements.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
