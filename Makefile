# make help says what each does.
SHELL := /bin/sh
PY := .venv/bin/python
UV := .venv/bin/uv
export UV_PROJECT_ENVIRONMENT := .venv
# The tests start many processes; each would compile every library anew (4 s a process for aiogram alone).
unexport PYTHONDONTWRITEBYTECODE
# A fresh machine may have no HOME to cache in; the second run then needs no network.
STAMP := .venv/.ready

.PHONY: help setup demo test proof check fmt migration bench soak mutants

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

setup: $(STAMP) ## make .venv from the lock (done by itself)

$(STAMP): pyproject.toml uv.lock
	@test -x $(PY) || python3 -m venv .venv
	@test -x $(UV) || .venv/bin/pip install --quiet uv==0.13.9
	@$(UV) sync --frozen --quiet
	@touch $(STAMP)

demo: setup ## play the main story in the sandbox and stay up with the page of phones (ONCE=1: exit)
	@$(PY) -m bot demo $(if $(ONCE),--once,) $(if $(PORT),--port $(PORT),)

test: setup ## the tests, on SQLite and PostgreSQL, with a sample of the long matrices (SEED=…: the same sample)
	@$(PY) -m pytest -q -n 2 --dist loadgroup --sample

proof: setup ## all the tests, every matrix whole
	@$(PY) -m pytest -q -n 2 --dist loadgroup

check: setup ## lint, types, arrows
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

fmt: setup ## format the code
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

migration: setup ## draft the revision from the schema to the models (MSG="…")
	@$(PY) -c 'import sys; from bot.db.schema.migrating import draft; print(draft(sys.argv[1]))' "$(MSG)"
	@$(PY) -m ruff check --fix --quiet migrations
	@$(PY) -m ruff format --quiet migrations

bench: setup ## speed and quality beside named baselines (DATA=… for the search sets)
	@$(PY) -m bench.turns
	@$(PY) -m bench.close
	@$(PY) -m bench.kb $(if $(DATA),--data $(DATA),)
	@$(PY) -m bench.screens

soak: setup ## kill -9 two hundred times under load, then anybody does anything, on both databases
	@$(PY) -m bench.soak

mutants: setup ## change the pure rules of billing bit by bit; the tests must notice (docs/billing-mutants.md)
	@.venv/bin/mutmut run
	@.venv/bin/mutmut results
