# `make demo` and `make test` each do all their own set-up in .venv, given Python >= 3.11.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PARTS  := pyproject.toml adapters/bond/pyproject.toml adapters/sonder/pyproject.toml

.PHONY: help setup demo test lint format types layers coverage wheels proof check clean

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## make .venv with everything installed into it

$(READY): $(PARTS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "anybank needs Python >= 3.11: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable adapters/bond --editable adapters/sonder \
		--editable ".[cli,migrate,sandbox]" --group dev
	@touch $@

demo: setup  ## move 500 customers from Bond to Sonder, on this machine
	@$(BIN)/anybank demo

test: setup  ## run the tests
	@$(BIN)/python -m pytest -n auto

lint: setup  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup  ## format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

types: setup  ## check the types of source and tests
	$(BIN)/mypy

layers: setup  ## check that no layer imports one above it
	$(BIN)/lint-imports

coverage: setup  ## run the tests and require branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n auto
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

wheels: setup  ## build the three wheels and try them in an empty environment
	$(BIN)/python tools/try_wheels.py

check: lint types layers coverage wheels  ## all that CI checks

clean:  ## remove all that was made
	rm -rf $(VENV) dist build demo-output .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
