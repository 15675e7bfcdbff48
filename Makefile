# `make report` and `make test` do all their own set-up: Python 3.11 is enough.
PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q install -c constraints.txt

# The trained networks of the study's matrix, once they are there.
SWEEP := $(wildcard docs/results/paper-laptop)

.PHONY: report test test-real lint bench figures notebooks clean

report: .venv/.installed
	$(BIN)/srviz report --out build/report $(if $(SWEEP),--sweep $(SWEEP))

test: .venv/.installed-dev lint
	$(BIN)/python -m pytest -q

test-real: .venv/.installed-dev
	$(BIN)/python -m pytest -q -m real

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: .venv/.installed-dev
	$(BIN)/python -m benchmarks

figures: .venv/.installed
	for script in figures/f*.py figures/t*.py figures/crops.py; do $(BIN)/python $$script || exit 1; done

notebooks: .venv/.installed-dev
	$(BIN)/jupytext --to ipynb --execute notebooks/*.py

clean:
	rm -rf build .venv

.venv/.python:
	$(PYTHON) -m venv .venv
	touch $@

.venv/.installed: .venv/.python pyproject.toml constraints.txt
	$(PIP) -e .
	touch $@

.venv/.installed-dev: .venv/.installed
	$(PIP) -e '.[dev]'
	touch $@
