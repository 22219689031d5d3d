# Parvis. `make help` lists what can be asked for.
PYTHON ?= python3
BIN = .venv/bin
MANAGE = $(BIN)/python manage.py
# pip of the machine fills the environment: a bare machine may have no `ensurepip` to put one inside.
PIP = $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet --require-hashes
CATALOGUES = $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" pyproject.toml
# Enough for commands that read the settings and ask no server anything.
NO_SERVERS = DATABASE_URL=postgresql://nobody@localhost/none REDIS_URL=redis://localhost
PRODUCTION = PARVIS_MODE=production ALLOWED_HOSTS=parvis.example EMAIL_URL=smtp://localhost $(NO_SERVERS) \
	SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))") \
	PARVIS_SEALING_KEYS=$$($(BIN)/python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())")

.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
.PHONY: help demo test walks fuzz drill budgets bench screenshots check check-deploy shell format messages migrations openapi lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | while IFS="$$(printf '\t')" read -r name what; \
		do printf '  make %-12s %s\n' "$$name" "$$what"; done

demo: .venv/.run $(CATALOGUES) ## run Parvis on the Paris data, until Ctrl-C (PORT=8000 DEMO_PASSWORD=...)
	@PARVIS_MODE=demo exec $(MANAGE) demo

test: .venv/.dev $(CATALOGUES) ## run the tests; ARGS="-k agreement" chooses some
	@exec $(BIN)/python -m pytest -n 2 --dist worksteal -m "not walk" $(ARGS)

walks: .venv/.dev $(CATALOGUES) ## go everywhere as everybody: pages in a browser, the API with invented requests, the demo
	@exec $(BIN)/python -m pytest -n 2 -m walk $(ARGS)

fuzz: .venv/.dev $(CATALOGUES) ## ask the API twenty invented requests of each operation, and take each record through twenty lives; FUZZ_EXAMPLES=100
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20} exec $(BIN)/python -m pytest -n 2 tests/api/test_schemathesis.py $(ARGS)

drill: .venv/.dev $(CATALOGUES) ## tell 10 000 reminders while workers, broker and database are killed; ARGS="--seed 7"
	@exec $(BIN)/python -m tests.drill $(ARGS)

budgets: .venv/.dev $(CATALOGUES) ## measure pages and search with 20 000 grants and 60 000 payments
	@exec $(BIN)/python -m tests.performance $(ARGS)

bench: .venv/.dev $(CATALOGUES) ## the API beside a bare PostgreSQL server, requests per second and memory; ARGS="--times 1"
	@exec $(BIN)/python -m tests.performance.bench $(ARGS)

screenshots: .venv/.dev $(CATALOGUES) ## every page of the demo on a tablet, a phone and paper, into test-results/
	@exec $(BIN)/python -m tests.browser.screenshots $(ARGS)

check: .venv/.dev $(CATALOGUES) check-deploy ## everything that must hold besides the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files --cached --others --exclude-standard '*/templates/*.html' 'templates/*.html' \
		| xargs -r $(BIN)/djade --target-version 5.2 --check
	PARVIS_MODE=test $(NO_SERVERS) $(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	PARVIS_MODE=test $(MANAGE) makemigrations --check --dry-run
	PARVIS_MODE=test $(NO_SERVERS) $(MANAGE) translations --check
	PARVIS_MODE=test $(NO_SERVERS) $(MANAGE) openapi --validate --fail-on-warn --file .venv/openapi.yaml
	diff -u docs/openapi.yaml .venv/openapi.yaml || { echo "The API has changed: make openapi"; exit 1; }

check-deploy: .venv/.run # what production would be warned of
	@echo manage.py check --deploy, under production settings
	@$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

shell: .venv/.run ## a Python shell on the demo's data, also while the demo runs
	@PARVIS_MODE=demo exec $(MANAGE) shell

format: .venv/.dev ## put code and templates in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files --cached --others --exclude-standard '*/templates/*.html' 'templates/*.html' \
		| xargs -r $(BIN)/djade --target-version 5.2

messages: .venv/.run ## collect the texts to translate into French
	PARVIS_MODE=test $(NO_SERVERS) $(MANAGE) translations

migrations: .venv/.run ## write the migrations that the models ask for
	PARVIS_MODE=test $(MANAGE) makemigrations

openapi: .venv/.run $(CATALOGUES) ## write the API's description anew
	PARVIS_MODE=test $(NO_SERVERS) $(MANAGE) openapi --validate --fail-on-warn --file docs/openapi.yaml

lock: .venv/.dev ## pin every version, with hashes, from pyproject.toml
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## remove the environment, the embedded servers with the demo's data, and caches
	rm -rf .venv .parvis .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis test-results $(CATALOGUES)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Parvis needs Python 3.11 or later; name one: make PYTHON=..." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	$(PIP) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	$(PIP) -r requirements-dev.txt
	@touch $@

# Babel, not GNU gettext: it comes with the environment. An unfinished (fuzzy) translation is left out.
%.mo: %.po .venv/.run
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
