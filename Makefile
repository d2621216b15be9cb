# `make demo` and `make test` each do all their own set-up in .venv, given Python >= 3.11.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# pytest stores what it compiles, also where PYTHONDONTWRITEBYTECODE is set: compiling the
# asserts of all tests takes as long as the tests of a large folder, in each process.
TESTS  := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
PARTS  := pyproject.toml adapters/bond/pyproject.toml adapters/sonder/pyproject.toml \
	adapters/increase/pyproject.toml adapters/unit/pyproject.toml

.PHONY: help setup demo test quick bench lint format types layers coverage proof wheels check clean browser docs pages api sync

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## make .venv with everything installed into it

$(READY): $(PARTS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "anybank needs Python >= 3.11: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable adapters/bond --editable adapters/sonder --editable adapters/increase \
		--editable adapters/unit \
		--editable ".[fast,cli,migrate,workers,export,sandbox,testing]" --group dev
	@# The tests start some hundred programs, which would compile the library each time where
	@# PYTHONDONTWRITEBYTECODE is set.
	@$(BIN)/python -m compileall -q -j 0 src adapters
	@# The same for the tests, whose asserts pytest compiles itself: in one process, so that
	@# the processes of the first `make test` need not all do it.
	-@$(TESTS) --collect-only -qq >/dev/null
	@touch $@

demo: setup  ## move 500 customers from Bond to Sonder, on this machine
	@$(BIN)/anybank demo

# Each file in one process, for it may share what is slow to start; the longest files first.
# Two processes more than there are cores, because a third of the tests' time they wait for
# a process or a server.
WORKERS := $(shell $(PYTHON) -c 'import os; print(2 + (os.cpu_count() or 1))')
PYTEST := $(TESTS) -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: setup  ## run the tests
	@$(PYTEST)

quick: setup  ## between two edits: lint, and the tests of core and adapters without slow ones
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(PYTEST) -q --quick

browser:  ## install Chromium for tests/browser, where this may; without it they skip
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && apt-get install -y -qq chromium >/dev/null 2>&1; } \
		|| echo "no Chromium here, and none could be installed: tests/browser skips"

bench: setup  ## measure against httpx, aiohttp, an official SDK and pydantic
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	$(BIN)/python -m benchmarks

lint: setup  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.sync --check

sync: setup  ## write Bank and its resources from the asynchronous ones
	$(BIN)/python -m tools.sync

format: setup  ## format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

types: setup  ## check the types of source and tests
	$(BIN)/mypy
	$(BIN)/basedpyright --project pyproject.toml --pythonpath $(BIN)/python

layers: setup  ## check that no layer imports one above it
	$(BIN)/lint-imports

# These go over the same lines from many sides, or drive another program: time, and no lines.
REPEATED := tests/browser tests/guides tests/typing tests/canary tests/mutations tests/test_hermetic.py \
	tests/migrate/test_crashes.py tests/migrate/test_kills.py tests/migrate/test_fault_runs.py \
	tests/migrate/test_plan_kills.py tests/migrate/test_all_directions.py \
	tests/migrate/test_odd_answers.py tests/migrate/certify/test_expected_fields.py tests/test_roundtrip.py \
	tests/_engine/transports/test_forks.py tests/_engine/transports/test_hostile.py \
	tests/_engine/transports/test_live_host_guard.py tests/_engine/test_walk.py \
	tests/testing/conformance/test_broken.py tests/testing/conformance/test_bond.py \
	tests/testing/conformance/test_planted.py tests/testing/conformance/test_sonder.py

coverage: setup  ## run the tests and require branch coverage
	$(BIN)/coverage erase
	PYTHONDONTWRITEBYTECODE= $(BIN)/coverage run -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(addprefix --ignore=,$(REPEATED))
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# What `make test` does in part is done whole: every property with many examples, every row
# of the slow tables (tests/proofs.py), and the migration stopped at every step, killed 560
# times and led through bad networks from 40 seeds: PROFILE=short is what CI runs, with 60
# examples, 36 kills and 2 seeds. tests/migrate/test_many_workers.py breaks workers, their
# database and their clocks in 69 runs, shortened to one run for each bank. Also shortened are
# the 12 directions (one mix of faults in each), Prism (Unit alone), the kit over HTTP (two
# adapters) and the packages of `new-adapter --from` (an invented document).
PROFILE ?= thorough

proof: setup  ## try every property with 1000 examples, stop the migration everywhere, and break many workers
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group engines \
		|| echo "Temporal could not be installed: the proof of its recipe skips"
	HYPOTHESIS_PROFILE=$(PROFILE) $(PYTEST) -q \
		$$(grep -rlE --include='test_*.py' 'hypothesis|tests\.proofs|STRIDE|few_checks|OPERATIONS, calls' tests)

pages: setup  ## write the pages about vendors, the reference and the schemas of --json from the code
	$(BIN)/python -m tools.declared_pages
	$(BIN)/python -m tools.pair_pages
	$(BIN)/python -m tools.json_schemas
	$(BIN)/python -m tools.reference_pages

api: setup  ## store the public signatures, after a deliberate change to one of them
	$(BIN)/python -m tools.public_api

docs: setup  ## build the site into docs/_site: open docs/_site/index.html
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -q -b html docs docs/_site

wheels: setup  ## build the five wheels and try them in an empty environment
	$(BIN)/python tools/try_wheels.py

check: lint types layers coverage wheels  ## all that CI checks

clean:  ## remove all that was made
	rm -rf $(VENV) docs/_site dist build demo-output .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
