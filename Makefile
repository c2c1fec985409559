# Every target works on a fresh machine with make and Python 3.11 or later.
PYTHON ?= python3
EXTRAS ?=
SECONDS ?= 600
SEED ?= 0
PART ?= tests
BIN := .venv/bin
READY := .venv/.ready-$(EXTRAS)
READY_DEV := .venv/.ready-dev-$(EXTRAS)
COMMA := ,
# The versions in requirements.lock are the ones that were tested.
INSTALL := $(BIN)/uv pip install --python $(BIN)/python --constraint requirements.lock

.PHONY: setup setup-dev setup-browser demo test coverage-report fuzz lint docs pictures linkcheck bench bench-gpu
.PHONY: bench-recipes coverage lock clean

# What derm needs to work; EXTRAS=jax, EXTRAS=cuda or EXTRAS=jax,tensorboard adds what is named.
setup: $(READY)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "derm needs Python 3.11 or later, this is " + sys.version.split()[0] + ": make setup PYTHON=python3.12")'
	@echo "Setting up derm in .venv: 2.8 GB, most of it TensorFlow; minutes where that is to be downloaded."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock uv
	$(INSTALL) --compile-bytecode --editable '.[$(EXTRAS)]'
	touch $(READY)

# What those need who work on derm: JAX, which the tests train with too, the developers' tools, and Sphinx.
setup-dev: $(READY_DEV)

$(READY_DEV): $(READY)
	@echo "Setting up what the tests, checks and pages need: about 1 GB more."
	$(INSTALL) --compile-bytecode --group dev --group docs --editable '.[jax$(if $(EXTRAS),$(COMMA)$(EXTRAS))]'
	touch $(READY_DEV)

# Pages are tested in a real browser: the system's Chromium, else Playwright's own, else Debian's package. The one of
# 'derm preview' computes by onnxruntime-web, which is downloaded once, and checked.
setup-browser: setup-dev
	$(BIN)/python -m tests.support.install_browser
	$(BIN)/python -m tests.support.browser_runtime

demo: setup
	$(BIN)/derm demo

test: setup-browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

# Which lines the tests reach: make coverage-report PART=tests/runs of those of one folder, which takes a minute or two.
coverage-report: setup-dev
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -q $(PART)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

# Fuzzing, which the tests do for some seconds, for longer: make fuzz SECONDS=3600 SEED=7
fuzz: setup-dev
	$(BIN)/python -m tests.fuzz.long --seconds $(SECONDS) --seed $(SEED)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

docs: setup-dev
	$(BIN)/python docs/generate.py
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build

# Draws the pictures of the pages anew, which takes some minutes; RUN=runs/ID is the run that the page of evaluation shows.
pictures: setup-browser
	$(BIN)/python docs/draw_pictures.py $(RUN)

# Asks for every page that a link leads to, so it needs the internet and is no part of the checks.
linkcheck: setup-dev
	$(BIN)/python -m sphinx -q -b linkcheck docs docs/_build/linkcheck

bench: setup-dev
	$(BIN)/python -m benchmarks

# The paper's whole chain on an accelerator; without one it says so.
bench-gpu: setup-dev
	$(BIN)/python -m benchmarks.gpu

# Recipes in cross-validation: hours to days; SHORT=--short takes minutes, and what is finished is kept.
bench-recipes: setup-dev
	$(BIN)/python -m benchmarks.recipes $(SHORT)

# Whether intervals, comparisons and thresholds hold, by simulation: minutes; FORM=--long takes an hour.
coverage: setup-dev
	$(BIN)/python -m benchmarks.coverage $(FORM)

# Resolves anew, for every platform; run the tests before you commit the result.
lock: setup
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --all-extras --group dev --group docs pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv docs/_build .coverage .coverage.*
