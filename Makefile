# Set-up and everyday commands; `make help` lists them.
# Computations are Snakemake's: `make` only installs it and calls it.

# Settings, as in: make ACCELERATOR=cuda CORES=8
# PYTHON       the Python to set up with, 3.11 to 3.13 (default: the first of these that works)
# ACCELERATOR  cpu or cuda: which lock is installed (default: what is installed now, else cpu)
# CORES        cores that Snakemake may use (default: the profile's)
# PROFILE      a folder of profiles/ (default: gpu with cuda, else default)
# CONFIG       config files, the later on top of the earlier
# RUN          name of the run (default: the key `run` of the config files)
# ARGS         further arguments of Snakemake, such as ARGS=--dry-run
# PYTEST_ARGS  further arguments of pytest, such as PYTEST_ARGS='-n 8'
PYTHON ?=
ifndef ACCELERATOR
ACCELERATOR := $(or $(shell sed -n 1p .venv/.packages 2>/dev/null),cpu)
endif
CORES ?=
PROFILE ?= $(if $(filter cuda,$(ACCELERATOR)),gpu)
CONFIG ?= config.yaml
RUN ?=
ARGS ?=
PYTEST_ARGS ?=
UV ?= uv

ifeq ($(filter cpu cuda,$(ACCELERATOR)),)
$(error ACCELERATOR is "$(ACCELERATOR)"; it can be cpu or cuda)
endif

ifneq ($(words $(CURDIR)),1)
$(error Snakemake cannot run scripts in a folder with a space in its path: "$(CURDIR)")
endif

LOCK := envs/requirements$(if $(filter cuda,$(ACCELERATOR)),-cuda).txt
BIN := .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

# Jobs and tests find the programs of .venv first.
IN_VENV = PATH="$$PWD/$(BIN):$$PATH"
PYTEST = $(IN_VENV) pytest --dist loadfile --no-loadscope-reorder
SNAKEMAKE = $(IN_VENV) snakemake $(ARGS) \
	$(if $(PROFILE),--workflow-profile $(PROFILE)) $(if $(CORES),--cores $(CORES)) \
	$(if $(filter-out config.yaml,$(CONFIG)),--configfile $(CONFIG)) $(if $(RUN),--config run=$(RUN))

# The name of the run: RUN, or the key of the last config file that has it. Refuses bad config files
# with one sentence, which Snakemake does not for those of --configfile.
FIND_RUN = run=$$($(BIN)/python -m moirespin.pipeline.run_name "$(RUN)" $(CONFIG))

# Prints the Python to set up with; a candidate must run, fit, and be able to make a venv.
TRY_PYTHON = import sys, ensurepip, venv; print(sys._base_executable) if (3, 11) <= sys.version_info < (3, 14) else sys.exit(1)
FIND_PYTHON = for candidate in $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11); do \
	"$$candidate" -c '$(TRY_PYTHON)' 2>/dev/null && exit; done; \
	echo "No usable Python $(if $(PYTHON),at $(PYTHON),found): moirespin needs Python 3.11, 3.12 or 3.13 with its venv module (make PYTHON=/path/to/python3)." >&2; exit 1

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all setup plan check quick test lint report archive explorer paper starts calibration texture_model reference docs lock clean help FORCE

all: setup ## Set up, compute the run of config.yaml, write its report (the default)
	@$(FIND_RUN) && $(SNAKEMAKE)
	@$(WRITE_REPORT)
	@$(FIND_RUN) && echo "Results: results/$$run/index.html"

setup: .venv/.ready ## Install everything into .venv; instant when done already

plan: setup ## Count the jobs that make would run (their reasons: snakemake -n)
	@$(FIND_RUN) || exit 1; \
	jobs=$$($(SNAKEMAKE) --dry-run --quiet host reason rules 2>&1) || { echo "$$jobs" >&2; exit 1; }; \
	echo "$$jobs" | grep -E "^(Nothing to be done|sweep\.)"; \
	echo "$$jobs" | awk '/^Job stats/ { table++ } table == 1 && /^[a-z_0-9]+ +[0-9]+$$/ { \
		printf "%-20s%5d%s", $$1, $$2, ++column % 3 ? "    " : "\n" } END { if (column % 3) print "" }'

check: setup ## Lint, and the quick tests (neither workflow nor slow), side by side
	@$(MAKE) --no-print-directory --jobs 2 lint quick

# No more workers than cores: each takes seconds to collect the tests.
quick: setup
	@$(PYTEST) -n logical --maxprocesses 4 -m "not workflow and not slow" $(PYTEST_ARGS)

# One worker more than two cores: it waits for the tiny run.
test: setup ## Set up and run all tests
	@$(PYTEST) -n 3 $(PYTEST_ARGS)

lint: setup ## Check style, types, import order between packages, and Snakemake files
	@$(IN_VENV) && export PATH && set -x && ruff check . && ruff format --check . && lint-imports && mypy \
		&& snakefmt --check Snakefile workflow/rules && snakemake --lint

paper: CONFIG = config.yaml workflow/presets/paper.yaml
paper: setup ## The same at the scale of the paper (workflow/presets/paper.yaml)
	@$(FIND_RUN) && $(SNAKEMAKE)
	@$(SNAKEMAKE) -- training_spread image_conditions fig_beyond_samples
	@$(WRITE_REPORT)
	@$(FIND_RUN) && echo "Results: results/$$run/index.html"

starts: CONFIG = config.yaml workflow/presets/starts.yaml
starts: setup ## Set 50 random starts beside the structured ones (workflow/presets/starts.yaml)
	@$(SNAKEMAKE) -- challenge fig_beyond_starts

calibration: CONFIG = config.yaml workflow/presets/calibration.yaml
calibration: setup ## Put inference to the test (workflow/presets/calibration.yaml)
	@$(SNAKEMAKE) -- coverage calibration_failures recognition fig_beyond_calibration

texture_model: CONFIG = config.yaml workflow/presets/textures.yaml
texture_model: setup ## Make the texture model that ships (workflow/presets/textures.yaml)
	@$(SNAKEMAKE) -- texture_model

report: setup ## Write results/<run>/report.html of a finished run
	@$(WRITE_REPORT)

WRITE_REPORT = $(FIND_RUN) && $(SNAKEMAKE) --report "results/$$run/report.html" \
	&& echo "Report: results/$$run/report.html"

archive: setup ## Pack a finished run into results/<run>.zip, an RO-Crate with checksums
	@$(FIND_RUN) && $(BIN)/python -m moirespin.pipeline.archive $(ARGS) "results/$$run"

explorer: setup ## Write results/explorer.html, which draws by the shipped texture model in a browser
	@$(BIN)/moirespin explore --out results/explorer.html

reference: setup ## Write the reference pages of the docs and the model cards again
	@$(BIN)/python -m moirespin.pages.reference

docs: .venv/docs/.ready ## Build the documentation site into site/; a dead link is an error
	@NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --quiet --strict --config-file docs/site/mkdocs.yml \
		&& echo "Docs: site/index.html"

# An environment of its own, because nothing else needs these packages.
.venv/docs/.ready: envs/docs.txt | setup
	@rm -rf .venv/docs && $(BIN)/python -m venv .venv/docs
	@.venv/docs/bin/python -m pip --disable-pip-version-check --quiet --quiet install \
		--require-hashes -r envs/docs.txt
	@touch $@

lock: ## Write the locks in envs/ again from the .in files (needs uv; newest: make lock ARGS=--upgrade)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	@for name in requirements requirements-cuda docs readers; do \
		echo "Resolving envs/$$name.in ..."; \
		$(UV) pip compile --no-config --quiet --universal --python-version 3.11 --fork-strategy fewest \
			--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
			--custom-compile-command "make lock" $(ARGS) \
			envs/$$name.in --output-file envs/$$name.txt || exit 1; \
	done

clean: ## Remove .venv; results stay
	rm -rf .venv

help: ## Show this list
	@echo "Usage: make [target] [SETTING=value ...]"; echo; echo "Targets:"
	@awk -F ':.*## ' '/^[a-z_]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile
	@echo; echo "Settings:"
	@sed -n 's/^# \([A-Z_]*  \)/  \1/p' Makefile

# .packages: the lock is installed; it says for which accelerator and in which folder, as a
# venv does not survive being moved. .ready: the package moirespin is installed too.
ifneq ($(shell cat .venv/.packages 2>/dev/null),$(ACCELERATOR) $(shell pwd -P))
REBUILD := FORCE
endif

# What every job imports; first jobs side by side would each compile it.
COMPILED = jax jaxlib flax optax numpy scipy pandas xarray matplotlib fontTools snakemake sqlalchemy

.venv/.packages: $(LOCK) $(REBUILD)
	@python=$$($(FIND_PYTHON)) || exit 1; \
	rm -rf .venv; \
	echo "Creating .venv with $$("$$python" --version) ..."; \
	"$$python" -m venv .venv
	@echo "Installing packages from $(LOCK) ($(if $(filter cuda,$(ACCELERATOR)),several minutes,about 1 minute)) ..."
	@$(PIP) install --require-hashes --no-compile -r $(LOCK)
	@echo "Compiling packages (about 10 seconds) ..."
	@$(BIN)/python -m compileall -qq -j 0 -x '/tests?/' \
		$(addprefix .venv/lib/python3.*/site-packages/,$(COMPILED)) || true
	@{ echo $(ACCELERATOR); pwd -P; } > $@

.venv/.ready: .venv/.packages pyproject.toml
	@echo "Installing moirespin itself ..."
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
