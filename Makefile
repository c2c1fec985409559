# Every target works on a fresh machine with make and Python 3.11 or later.
PYTHON ?= python3
EXTRAS ?= jax
SECONDS ?= 600
SEED ?= 0
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup setup-browser demo test fuzz lint docs bench bench-gpu bench-recipes coverage lock clean

setup: $(READY)

# The versions in requirements.lock are the ones that were tested; EXTRAS=jax-cuda or EXTRAS=jax,cuda adds CUDA libraries.
$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "derm needs Python 3.11 or later, this is " + sys.version.split()[0] + ": make setup PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint requirements.lock --group dev --group docs --editable '.[$(EXTRAS)]'
	touch $(READY)

# Pages are tested in a real browser: the system's Chromium, else Playwright's own, else Debian's package. The one of
# 'derm preview' computes by onnxruntime-web, which is downloaded once, and checked.
setup-browser: setup
	$(BIN)/python -m tests.support.install_browser
	$(BIN)/python -m tests.support.browser_runtime

demo: setup
	$(BIN)/derm demo

test: setup-browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

# Fuzzing, which the tests do for some seconds, for longer: make fuzz SECONDS=3600 SEED=7
fuzz: setup
	$(BIN)/python -m tests.fuzz.long --seconds $(SECONDS) --seed $(SEED)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

docs: setup
	$(BIN)/python docs/generate.py
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build

bench: setup
	$(BIN)/python -m benchmarks

# The paper's whole chain on an accelerator; without one it says so.
bench-gpu: setup
	$(BIN)/python -m benchmarks.gpu

# Recipes in cross-validation: hours to days; SHORT=--short takes minutes, and what is finished is kept.
bench-recipes: setup
	$(BIN)/python -m benchmarks.recipes $(SHORT)

# Whether intervals, comparisons and thresholds hold, by simulation: minutes; FORM=--long takes an hour.
coverage: setup
	$(BIN)/python -m benchmarks.coverage $(FORM)

# Resolves anew, for every platform; run the tests before you commit the result.
lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --all-extras --group dev --group docs pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv docs/_build
