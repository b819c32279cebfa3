# Gapura: the two commands are `make demo` and `make test`; both do all their own set-up.
GAPURA := .venv/bin/gapura
PYTEST := .venv/bin/python -m pytest

help: ## what can be made here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: ## everything the program needs, in .venv
	@deploy/setup

demo: setup ## the whole product with a demo village, in data/demo; Ctrl-C stops it
	@exec $(GAPURA) demo

test: setup-test lint ## every test: both databases and a real browser included
	@$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder

lint: setup-test ## style, types and the law of the house
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check -q .
	@.venv/bin/mypy

bench: setup-test ## the figures of the README, side by side in one run
	@failed=0; for one in scan pages search lighthouse; do .venv/bin/python tests/bench/bench_$$one.py || failed=1; done; \
	$(PYTEST) -s tests/bench -o python_files='bench_*.py' || failed=1; exit $$failed

torture: setup-test ## the long loops: kill -9, faults, many seeds
	@if command -v npm >/dev/null; then cd tests/pds && npm install --silent --no-audit --no-fund --no-package-lock || echo "no real Bluesky server: its stand-in it is"; fi
	@GAPURA_TORTURE=1 $(PYTEST) -q -s -m torture

posters: setup-test ## draw every poster anew: docs/pictures/posters.jpg, the previews, the golden pictures of the tests
	@.venv/bin/python tests/bench/contact_sheet.py --write

setup-test:
	@deploy/setup test

lock: setup-test ## write the lock files anew after a change of pyproject.toml
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml --extra build -o requirements.lock
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml --extra build --extra dev -c requirements.lock -o requirements-dev.lock

.PHONY: help setup demo test lint bench torture posters setup-test lock
.DEFAULT_GOAL := help
