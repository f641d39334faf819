# `make` lists what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

CARGO ?= cargo
CORPUS ?= ../shared/corpus

.PHONY: help demo test lint generate docs fuzz fuzz-long bench bench-corpus install prerequisites

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: prerequisites ## See it work: three skills, a grant, and a ledger that notices
	$(CARGO) run --quiet --package shellproof -- demo

test: prerequisites ## Run every test, those in the documentation too
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		set -x; \
		$(CARGO) nextest run --workspace; \
		$(CARGO) test --workspace --doc; \
	else \
		set -x; \
		$(CARGO) test --workspace; \
	fi

lint: prerequisites ## Check formatting, lints, structure, and what is generated
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) xtask structure
	$(CARGO) xtask generate --check

generate: prerequisites ## Write all that is derived from the code
	$(CARGO) xtask generate

docs: ## Build the book into docs/book
	mdbook build docs
	.ci/links docs/book

fuzz: ## Fuzz every target for 30 seconds
	.ci/fuzz 30

fuzz-long: ## Fuzz every target for 10 minutes
	.ci/fuzz 600

bench: prerequisites ## Measure everything that has a budget
	$(CARGO) xtask bench --corpus '$(CORPUS)'

bench-corpus: prerequisites ## Vet the labelled corpus in CORPUS= and say what was stopped
	$(CARGO) xtask bench-corpus --corpus '$(CORPUS)'

install: prerequisites ## Install the program for this user
	$(CARGO) install --locked --path crates/shellproof

prerequisites:
	@.ci/prerequisites
