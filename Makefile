# `make help` lists everything. PYTHON=python3.12 takes another Python for the set-up;
# ARGS="…" hands arguments on, as in `make test ARGS="tests/links -x"`.

# Kept byte code: each of the many processes of a product or a test run would compile it again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python
SIDE_BY_SIDE := --numprocesses=auto --dist=worksteal
NPM := npm --prefix frontend --silent run
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run test check soak e2e bench setup setup-test installed python3 lock schema page migrate fakebank format

help: ## list the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

run: setup ## set up what is missing, start everything on http://127.0.0.1:8000, stop on Ctrl-C
	@exec $(RUN) -m counterfoil up

test: check page ## check, then all tests; ARGS="tests/links -k refresh" chooses some
	@$(NPM) test -- --reporter=dot
	@$(RUN) -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: setup-test ## style, types, imports, the committed schema and the documentation
	@$(RUN) -m tools.check

soak: page ## generated tests with a hundred times the budget
	@$(RUN) -m pytest $(SIDE_BY_SIDE) --hypothesis-profile=soak -o faulthandler_timeout=0 $(ARGS)

e2e: page ## only the journeys in a real browser
	@$(RUN) -m pytest $(SIDE_BY_SIDE) tests/journeys $(ARGS)

bench: page ## measure speed, each figure against its bound; ARGS=--json for machines
	@$(RUN) -m tests.benchmarks $(ARGS)

schema: installed ## write schema.graphql from the code
	@$(RUN) -m counterfoil schema > schema.graphql.new && mv schema.graphql.new schema.graphql

migrate: installed ## bring the database of DATABASE_URL to the current schema
	@$(RUN) -m counterfoil migrate

fakebank: installed ## the sandbox bank alone, on PORT (8001 when not given)
	@exec $(RUN) -m fakebank --port $(or $(PORT),8001)

format: setup-test ## rewrite the Python code in the house style
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

setup: python3 ## install what `make run` needs, only what has changed
	@$(PYTHON) -m tools.setup

setup-test: python3 ## install what `make check` and `make test` need, PostgreSQL and Chromium included
	@$(PYTHON) -m tools.setup --test --without-page

page: setup-test ## build the page that is served
	@$(PYTHON) -m tools.setup --test

lock: setup-test ## renew the lock files from pyproject.toml; ARGS=--upgrade takes newer versions
	@$(LOCK) $(ARGS) --group build --output-file requirements-build.txt
	@$(LOCK) $(ARGS) --output-file requirements.txt pyproject.toml
	@$(LOCK) $(ARGS) --extra dev --constraints requirements.txt --output-file requirements-dev.txt pyproject.toml

installed: python3
	@$(PYTHON) -m tools.setup --without-page

python3:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing. Install it: sudo apt-get install python3 python3-venv" >&2; exit 1; }
