# Sotto in a handful of words: make run, make test, make bench. Meson builds the C, npm the web.
.PHONY: run build native test blind bench fuzz tested setup setup-test clean
# Two set-ups at once would wait for the same locks; ninja uses every core by itself.
.NOTPARALLEL:
BUILD := build

WASM := $(foreach name,core livekit,$(BUILD)/wasm/$(name)_simd.wasm $(BUILD)/wasm/$(name)_scalar.wasm)
WEB := $(shell find web examples -type d \( -name node_modules -o -name dist -o -name results \) -prune -o -type f -print)

run: build
	@echo "Sotto Meet: http://localhost:7880"
	@$(BUILD)/sottod $(ARGS)

build: setup native $(BUILD)/web.built

native: setup
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@ninja -C $(BUILD) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }

$(BUILD)/web.built: $(WEB) package-lock.json $(WASM) | native
	@tools/with_node npm run build --silent >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@touch $@

$(BUILD)/wasm/%.wasm: | native ;

test: setup-test tested build
	@tools/test $(BUILD)

blind: setup-test tested build
	@tools/blind $(BUILD)

bench: setup-test tested build
	@tools/bench $(BUILD)

fuzz:
	@tools/setup fuzz
	@tools/fuzz $(BUILD)

# From here on the build folder has the tests too.
tested: setup-test
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) -Dtests=true >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@meson configure $(BUILD) -Dtests=true

setup:
	@tools/setup run

setup-test:
	@tools/setup test

clean:
	rm -rf $(BUILD) $(BUILD)-* web/*/*/dist examples/*/dist
