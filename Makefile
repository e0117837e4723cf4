# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test long check format lint types layers bench wheel lock clean

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
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m 'not long' --cov --cov-report= -q
	$(BIN)/python -m coverage report --include='parsers/*,schedules/*' --fail-under=100
	$(BIN)/python -m coverage report --include='ingest/*' --fail-under=95

long: setup      ## The tests that take minutes.
	$(BIN)/python -m pytest -m long -q

check: format lint types layers  ## All checks that run no test.

format: setup    ## ruff format, as a check.
	$(BIN)/ruff format --check .

lint: setup      ## ruff.
	$(BIN)/ruff check .

types: setup     ## mypy --strict.
	$(BIN)/mypy

layers: setup    ## import-linter: who may import whom.
	$(BIN)/lint-imports --no-cache

bench: setup     ## Ratios: what a parse costs beside the bare parser.
	$(BIN)/python -m tests.bench.parse_ratio

wheel: setup     ## Build the wheel.
	$(BIN)/python -m build --no-isolation --wheel

lock: setup      ## Lock the requirements anew, with hashes and without addresses.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --group dev --all-extras -o requirements.txt pyproject.toml

clean:           ## Remove what was made.
	rm -rf $(VENV) dist build .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
