# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYWB := .venv-pywb
PYWB_STAMP := $(PYWB)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test long faults pywb check format lint types layers bench wheel lock clean

help:            ## What there is.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

setup: $(STAMP)  ## Make .venv from requirements locked with hashes.

demo: setup      ## Harvest a replayed day on loopback; no network.
	$(BIN)/thresher demo

test: setup      ## All tests, with the coverage floors.
	$(BIN)/python -m coverage erase
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m 'not long and not replay' --cov --cov-report= -q
	$(BIN)/python -m coverage report --include='parsers/*,schedules/*' --fail-under=100
	$(BIN)/python -m coverage report --include='ingest/*' --fail-under=95

long: setup      ## The tests that take minutes.
	$(BIN)/python -m pytest -m long -q --ignore=tests/faults

faults: setup    ## What goes wrong on network, disk and in processes, at full size; prints a table with figures.
	$(BIN)/python -m tests.faults

# Its pins are old and many: they get an environment of their own.
$(PYWB_STAMP): tests/pywb/requirements.txt
	$(PYTHON) -m venv $(PYWB)
	$(PYWB)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/pywb/requirements.txt
	touch $(PYWB_STAMP)

pywb: setup $(PYWB_STAMP)  ## Replay what was harvested by pywb, and compare it with what was fetched.
	$(BIN)/python -m pytest -m replay -q tests/pywb

check: format lint types layers  ## All checks that run no test.

format: setup    ## ruff format, as a check.
	$(BIN)/ruff format --check .

lint: setup      ## ruff.
	$(BIN)/ruff check .

types: setup     ## mypy --strict.
	$(BIN)/mypy

layers: setup    ## import-linter: who may import whom.
	$(BIN)/lint-imports --no-cache

# 20000 pages hold a million comments, and take half an hour.
PAGES ?= 5000
bench: setup     ## Ratios: a parse beside the bare parser, a re-parse, a page where much is held (PAGES=20000).
	$(BIN)/python -m tests.bench.parse_ratio
	rm -rf .bench
	$(BIN)/python -m tests.bench.make_archive .bench/small --pages 180
	$(BIN)/python -m tests.bench.make_archive .bench/large --pages $(PAGES)
	$(BIN)/python -m tests.bench.reparse_cost .bench/small --rounds 1
	$(BIN)/python -m tests.bench.reparse_cost .bench/large
	$(BIN)/python -m tests.bench.growth .bench/small .bench/large

wheel: setup     ## Build the wheel.
	$(BIN)/python -m build --no-isolation --wheel

lock: setup      ## Lock the requirements anew, with hashes and without addresses.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --group dev --all-extras -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  -o tests/pywb/requirements.txt tests/pywb/requirements.in

clean:           ## Remove what was made.
	rm -rf $(VENV) $(PYWB) .bench dist build .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
