# A thin front door to CMake for people. `make help` lists what it opens.
#
# Everything is built in build/; options go to CMake:  make CONFIGURE="-DX=Y"

BUILD = build
PREFIX = /usr/local
JOBS = $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
CONFIGURE =

# Tests share cores with OpenMP runtimes, so they run two at a time at most.
TEST_JOBS = 2

.PHONY: taper all configure demo test lint bench study install clean help

taper: ## build/taper and libtaper, optimised
	@tools/install-packages --check build
	@$(MAKE) --no-print-directory configure
	@cmake --build $(BUILD) --target taper-product -j $(JOBS)

all: configure ## everything, the tests included
	@cmake --build $(BUILD) -j $(JOBS)

# The summary of what was found is shown when it changes.
configure:
	@mkdir -p $(BUILD)
	@cmake --preset release -B $(BUILD) $(CONFIGURE) >$(BUILD)/configure.log \
		2>&1 || { cat $(BUILD)/configure.log; exit 1; }
	@sed -n '/^-- taper /,$$s/^-- //p' $(BUILD)/configure.log | \
		grep -v -e '^Configuring' -e '^Generating' -e '^Build files' \
		>$(BUILD)/summary.new
	@cmp -s $(BUILD)/summary.new $(BUILD)/summary.txt || \
		cat $(BUILD)/summary.new
	@mv $(BUILD)/summary.new $(BUILD)/summary.txt

demo: ## train images, texts and an agent, then show a table and pictures
	@tools/install-packages build run data
	@$(MAKE) --no-print-directory taper
	@tools/demo.sh

test: ## install what the tests need, build and run all of them
	@tools/install-packages build run data test
	@$(MAKE) --no-print-directory all
	@ctest --test-dir $(BUILD) --output-on-failure --progress -j $(TEST_JOBS)

lint: ## format, layering and clang-tidy
	@tools/install-packages build lint
	@tests/house/check-format.sh .
	@tests/house/check-layers.sh .
	@$(MAKE) --no-print-directory configure
	@tests/house/check-tidy.sh . $(BUILD) $(JOBS)

bench: ## build and run the benchmarks
	@tools/install-packages build
	@$(MAKE) --no-print-directory configure CONFIGURE="-DTAPER_BENCH=ON"
	@cmake --build $(BUILD) -j $(JOBS)
	@bench/run.sh $(BUILD)

study: ## which schedule is best on three tasks: an hour or two
	@tools/install-packages build run data
	@$(MAKE) --no-print-directory taper
	@tools/study.sh $(BUILD)

install: taper ## the program, the library, its header and manual: PREFIX=...
	@cmake --install $(BUILD) --prefix "$(PREFIX)"

clean: ## remove everything that was built
	@rm -rf build build-debug build-asan build-coverage build-fuzz \
		build-werror build-library build-ci-*

help:
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile
