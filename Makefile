# Everything that a newcomer needs. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup demo down test check replay bench audit wheel image clean

help:  ## list what there is
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## the virtual environment with the locked requirements
	@scripts/setup

demo: setup  ## Asterisk, a carrier with phones and the bridge; one real call; the wallboard
	@scripts/demo

down:  ## stop what `make demo` left running
	@scripts/demo down

test: setup  ## every test, real calls on Asterisk 22 and 16 included
	@scripts/test

check: setup  ## formatting, lint, types
	@scripts/check

replay: setup  ## recorded requests against the service: FILE=tests/replay/agent.jsonl
	@scripts/replay $(FILE)

bench: setup  ## list the benchmarks; NAME=dial_latency runs one with what it needs
	@scripts/bench $(NAME)

audit: setup  ## whether a locked dependency has a published hole, as far as that can be seen from here
	@scripts/audit

wheel: setup  ## the package and what is in it (SBOM), in dist/
	@scripts/package wheel

image: setup  ## the bridge as a container image
	@scripts/package image

clean:  ## remove the containers, images and environment of this checkout
	@docker/engine clean || true
	rm -rf .venv dist var
