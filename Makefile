# Consortia. `make help` lists everything; a fresh machine needs Python 3.11 (with venv), make and git.

SHELL := /bin/bash
# Services are started by the hundred in tests, and each would compile itself anew where the shell forbids to keep that.
export PYTHONDONTWRITEBYTECODE :=
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Never a script of .venv/bin: its first line names a folder, and breaks when the checkout moves.
PY := .venv/bin/python
# As uv, which takes seconds for what takes pip a minute: nothing but what the lock has.
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
ARGS ?=
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test races properties lint format types imports unit-tests bench faults bugs up down status doctor clean lock

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamp, not the folder: a half-made environment does not count as made.
.venv/.ok: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; $(PYTHON) is older. On Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python has no ensurepip here. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Making the virtual environment (half a minute, once)"
	@$(PYTHON) -m venv .venv
	@awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock > .venv/uv.lock
	@$(PIP) -r .venv/uv.lock
	@$(PY) -m uv pip install --quiet --compile-bytecode --python $(PY) --require-hashes -r requirements.lock \
	  || { echo "uv can't fetch the packages here; pip does, in a minute or two"; $(PIP) -r requirements.lock; }
	@touch $@

demo: .venv/.ok ## The main job on the real registers: make demo ARGS=--exit checks it and ends
	@$(PY) -m infra.demo $(ARGS)

test: lint types imports unit-tests ## Lint, types, import rules, and every test that needs no container

unit-tests: .venv/.ok
	@$(PY) -m pytest -m "not containers" --ignore=tests/bench -rs -n $(WORKERS) --dist loadscope $(ARGS)

races: .venv/.ok ## Two changes at one moment, a thousand times each pair: never a wrong speaker
	@CONSORTIA_RACES=1000 $(PY) -m pytest tests/store/membership/races --timeout=1800 $(ARGS)

properties: .venv/.ok ## Any sequence of facts against the plain model, and files in any order, three hundred each; SEED= repeats a run
	@seed=$${SEED:-$$RANDOM}; echo "SEED=$$seed"; CONSORTIA_SEED=$$seed CONSORTIA_EXAMPLES=$${CONSORTIA_EXAMPLES:-300} \
	  $(PY) -m pytest tests/bitemporal/test_any_order.py tests/store/membership/test_imports_any_order.py $(ARGS)

lint: .venv/.ok ## Style and format of the code, looked at only
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet . || { echo "Run make format"; exit 1; }

format: .venv/.ok ## Put style and format right
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format --quiet .

types: .venv/.ok ## mypy --strict
	@$(PY) -m mypy

imports: .venv/.ok ## Who may import whom
	@said=$$($(PY) -c "import importlinter.cli as c; c.lint_imports_command()") \
	  || { echo "$$said"; exit 1; }; echo "$$said" | tail -n 1

# A rival to be measured beside ours; never among the product's packages.
build/rivals/.ok: requirements-bench.lock .venv/.ok
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade \
	  --target build/rivals -r requirements-bench.lock
	@touch $@

bench: build/rivals/.ok ## How fast it is, against bare baselines and rivals: make bench ARGS=--quick
	@$(PY) -m tests.bench $(ARGS)

faults: .venv/.ok ## What it survives: make faults SEED=1 is each fault once, without it half an hour (DURATION= in seconds)
	@$(PY) -m tests.faults $(if $(SEED),--seed $(SEED)) $(if $(DURATION),--duration $(DURATION)) $(ARGS)

bugs: .venv/.ok ## Whether the checkers of make faults find each bug that is planted in the running stack (15 minutes)
	@$(PY) -m tests.faults.bugs $(ARGS)

up: .venv/.ok ## Start the stack and the services, in the foreground
	@$(PY) -m infra.local up $(ARGS)

down: .venv/.ok ## Stop them from another terminal
	@$(PY) -m infra.local down $(ARGS)

status: .venv/.ok ## What runs
	@$(PY) -m infra.local status $(ARGS)

doctor: .venv/.ok ## Whether this machine can run it
	@$(PY) -m infra.local doctor $(ARGS)

clean: .venv/.ok ## Stop the stack, delete its data and what the tools left; asks first
	@$(PY) -m infra.local clean $(ARGS)
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find services shared infra tests -name __pycache__ -type d -prune -exec rm -rf {} +

lock: .venv/.ok ## For maintainers: write requirements.lock from requirements.in, and the locks of the archives
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes -o requirements.lock requirements.in
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-deps \
	  -o requirements-bench.lock requirements-bench.in
	@$(PY) -m infra.local.lock
