# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
USER_STAMP := $(VENV)/.user
DEV_STAMP := $(VENV)/.dev
PYWB := .venv-pywb
PYWB_STAMP := $(PYWB)/.installed
PEERS := .venv-bench
PEERS_STAMP := $(PEERS)/.installed

.DEFAULT_GOAL := help
.PHONY: help install setup demo test long full faults pywb check format lint types layers mutants bench bench-reparse man docs wheel lock clean bench-pages

help:            ## What there is.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# Every lock is whole, so --no-deps: pip has nothing to choose, and nothing that is released later can be chosen.
PIP_LOCKED := -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
PIP_SOURCE := -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation

# What runs thresher. What builds it stays in a folder beside it, for this one call.
$(USER_STAMP): requirements.txt requirements-build.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP_LOCKED) -r requirements.txt
	rm -rf $(VENV)/build
	$(BIN)/python $(PIP_LOCKED) --target $(VENV)/build -r requirements-build.txt
	PYTHONPATH=$(VENV)/build $(BIN)/python $(PIP_SOURCE) --editable .
	rm -rf $(VENV)/build
	touch $@

# What works on thresher, in the same environment. The build lock comes first: the second one holds a source package.
$(DEV_STAMP): requirements-dev.txt $(USER_STAMP)
	$(BIN)/python $(PIP_LOCKED) -r requirements-build.txt
	$(BIN)/python $(PIP_LOCKED) --no-build-isolation -r requirements-dev.txt
	touch $@

install: $(USER_STAMP)  ## Make .venv with what a user needs, locked with hashes.

setup: $(DEV_STAMP)     ## Make .venv with all that a developer needs, too.

demo: install    ## Harvest a replayed day on loopback; no network.
	$(BIN)/thresher demo

PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal -q

# They start hundreds of processes; without stored bytecode each of these would compile all that it imports.
test long full faults: export PYTHONDONTWRITEBYTECODE :=

QUICK_TESTS := -m 'not long and not replay'
test: setup      ## What runs after every change, in minutes; COVERAGE=1, as in CI, measures it and holds its floors.
ifdef COVERAGE
	$(BIN)/python -m coverage erase
	$(PYTEST) $(QUICK_TESTS) --cov --cov-report=
	$(BIN)/python -m coverage report --include='parsers/*,schedules/*' --fail-under=100
	$(BIN)/python -m coverage report --include='ingest/*' --fail-under=95
else
	$(PYTEST) $(QUICK_TESTS)
endif

long: setup      ## The slower tests; CI runs them after `make test`.
	$(PYTEST) -m 'long and not full and not replay'

full: faults     ## What takes minutes a test, the faults among it; no part of CI.
	$(BIN)/python -m tests.bench.others_warc_files
	$(BIN)/python -m pytest -m full -q --ignore=tests/faults

faults: setup    ## What goes wrong on network, disk and in processes, at full size; prints a table with figures.
	$(BIN)/python -m tests.faults

# Its pins are old and many: they get an environment of their own.
$(PYWB_STAMP): tests/pywb/requirements.txt requirements-build.txt
	$(PYTHON) -m venv $(PYWB)
	$(PYWB)/bin/python $(PIP_LOCKED) -r requirements-build.txt
	$(PYWB)/bin/python $(PIP_LOCKED) --no-build-isolation -r tests/pywb/requirements.txt
	touch $@

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

mutants: setup   ## Small faults in decide, schedules and the store's writing: do the tests see them?
	$(BIN)/python -m tests.mutation decide
	$(BIN)/python -m tests.mutation schedules
	$(BIN)/python -m tests.mutation store

bench-pages: setup  ## How many of the real pages beside the project each engine reads; nothing where they are absent.
	$(BIN)/python -m tests.bench.engine_pages

# What people use in thresher's place; apart, so that no version of theirs binds one of ours.
$(PEERS_STAMP): tests/bench/requirements.txt requirements-build.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python $(PIP_LOCKED) -r requirements-build.txt
	$(PEERS)/bin/python $(PIP_LOCKED) --no-build-isolation -r tests/bench/requirements.txt
	touch $@

# PAGES is the size of a re-parsed archive: 19300 pages hold a million comments, and take half an hour.
PAGES ?= 1930
BENCH_WRITES := --markdown docs/benchmarks.md --json .bench.json
bench: setup     ## One table of costs beside others' tools, into docs/benchmarks.md; QUICK=1 is a look that writes nothing.
	@$(MAKE) --no-print-directory $(PEERS_STAMP) || echo "The peers cannot be installed: thresher is measured alone."
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick,$(BENCH_WRITES)) $(BENCH)

bench-reparse: setup  ## What a re-parse costs, and a page where much is held (PAGES=19300).
	rm -rf .bench
	$(BIN)/python -m tests.bench.make_archive .bench/small --pages 180
	$(BIN)/python -m tests.bench.make_archive .bench/large --pages $(PAGES)
	$(BIN)/python -m tests.bench.reparse_cost .bench/small --rounds 1
	$(BIN)/python -m tests.bench.reparse_cost .bench/large
	$(BIN)/python -m tests.bench.rebuild_cost .bench/large
	$(BIN)/python -m tests.bench.growth .bench/small .bench/large

man: setup       ## A man page for each command, into build/man.
	$(BIN)/python -m deploy.man_pages build/man

docs: setup      ## The documentation as web pages, strict, into build/docs.
	$(BIN)/mkdocs build --quiet

wheel: setup     ## Build the wheel.
	$(BIN)/python -m build --no-isolation --wheel

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(LOCK_OPTIONS)
lock: setup      ## Lock the requirements anew, with hashes and without addresses.
	$(BIN)/$(LOCK) --extra console -o requirements.txt pyproject.toml
	$(BIN)/$(LOCK) -c requirements.txt --group build -o requirements-build.txt
	$(BIN)/$(LOCK) -c requirements.txt -c requirements-build.txt --group dev --all-extras -o requirements-dev.txt pyproject.toml
	$(BIN)/$(LOCK) -c requirements-build.txt -o tests/pywb/requirements.txt tests/pywb/requirements.in
	$(BIN)/$(LOCK) -c requirements-build.txt -o tests/bench/requirements.txt tests/bench/requirements.in

clean:           ## Remove what was made.
	rm -rf $(VENV) $(PYWB) $(PEERS) .bench .bench.json dist build .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
