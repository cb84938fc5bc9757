# Sotto in a handful of words: make run, make test, make bench. Meson builds the C, npm the web.
.PHONY: run test build bench check sanitize fuzz setup setup-test clean
BUILD := build
MESON_OPTIONS ?=

run: build
	@$(BUILD)/sottod $(ARGS)

build: setup
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) $(MESON_OPTIONS) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@meson compile -C $(BUILD) --quiet || meson compile -C $(BUILD)

test: setup-test build
	@tools/test $(BUILD)

bench: setup-test build
	@tools/bench $(BUILD)

setup:
	@tools/setup run

setup-test:
	@tools/setup test

clean:
	rm -rf $(BUILD) $(BUILD)-* web/*/*/dist
