# Every target does the set-up it needs; a set-up that is done costs well under a second.
PORT ?= 8000
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Run first, since they take seconds.
RULES := $(wildcard tests/*/test_rules.py)
# They knock at every door of the app in many ways; tests/house/test_every_route.py opens each door once on PostgreSQL.
# The last makes the demo on five odd days; the other tests of the demo make it on PostgreSQL today.
# Services, queries, guards, imports and races are tried on both databases by the tests of the rooms. Their tests of
# pages, and these crawls, are for PostgreSQL in `make trust`.
CRAWLS := $(patsubst %,tests/house/test_%.py,access_matrix canary forms_mass_assignment idor rubbish) \
	tests/faults/test_audit_fails.py tests/demo/test_dates.py
# One more than two cores: while one waits for a lock, a server or Chromium, another has the core.
WORKERS ?= 3
# File by file, in the order of tests/conftest.py: the long ones first.
DIST := --dist loadfile --no-loadscope-reorder
# Databases and files of the tests are thrown away, so they lie in memory where there is such a folder.
test trust: export TMPDIR := $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test lint format bench bench-full trust lock vendor drawing screenshots

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install everything the product needs into .venv
	@scripts/setup.sh

setup-dev: ## install what the tests and tools need as well
	@scripts/setup.sh dev

demo: setup ## serve the demo college on http://127.0.0.1:8000 (PORT=8001 for another port)
	@$(BIN)/recovery-college demo --port $(PORT)

test: lint ## everything: lint, rules, then the whole suite on SQLite, PostgreSQL and in Chromium
	@echo "test: rules" && $(PYTEST) -q $(RULES)
	@echo "test: everything else, on SQLite and in Chromium"
	@$(PYTEST) -q -n $(WORKERS) $(DIST) -m "not trust" $(RULES:%=--ignore=%)
	@echo "test: what asks a database, on PostgreSQL"
	@RC_TEST_DATABASE=postgresql $(PYTEST) -q -n $(WORKERS) $(DIST) -m "not trust and not browser and not page" \
		$(CRAWLS:%=--ignore=%)

lint: setup-dev ## style, types and which way imports may go
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-cache >.venv/lint-imports.log 2>&1 & layers=$$!; \
		$(BIN)/mypy --no-error-summary; types=$$?; \
		wait $$layers || { cat .venv/lint-imports.log; exit 1; }; exit $$types
	@echo "lint: nothing to mend"

format: setup-dev ## put the code into its usual shape
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format .

bench: setup-dev ## measure the speed bars, both sides of each ratio in one run
	@$(BIN)/python -m benchmarks

bench-full: setup-dev ## the long benchmarks as well
	@$(BIN)/python -m benchmarks --full

trust: setup-dev ## the long hunts for faults
	@$(PYTEST) -q -m trust
	@RC_TEST_DATABASE=postgresql $(PYTEST) -q $(CRAWLS) -m "not trust"
	@RC_TEST_DATABASE=postgresql $(PYTEST) -q -m "page and not trust and not browser"
	@RC_TEST_HUNT=1 $(PYTEST) -q $(RULES) tests/assessment tests/careers tests/graduation -m "not trust and not browser"

lock: setup-dev ## work out both lock files anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile $(LOCK) --upgrade --output-file requirements.lock pyproject.toml
	@$(BIN)/uv pip compile $(LOCK) --upgrade --extra dev --output-file requirements-dev.lock pyproject.toml
LOCK := --quiet --group build --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

vendor: ## fetch nhsuk-frontend anew into static/vendor (needs npm; nobody else does)
	@rm -rf .make/vendor && mkdir -p .make/vendor
	@cd .make/vendor && npm pack --silent nhsuk-frontend@10.6.1 && tar -xzf *.tgz
	@python3 tools/vendor_nhsuk.py .make/vendor/package

drawing: setup-dev ## draw docs/architecture.svg from the imports of the code
	@$(BIN)/python scripts/draw_rooms.py

screenshots: setup-dev ## take the README's pictures from the running demo
	@$(BIN)/python scripts/screenshots.py
