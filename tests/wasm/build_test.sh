#!/bin/sh
# wasm/build gives the same bytes twice, and no module that imports anything.
#   tests/wasm/build_test.sh SOURCE_ROOT
set -eu
root=$(cd "$1" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "failed: $*" >&2
    exit 1
}

sources="aead_wasm aes aes_scalar aes_simd ghash ghash_scalar ghash_simd hash_wasm memory_wasm sha2"
build() { # OUTPUT VARIANT EXPORTS
    set -- "$1" "$2" "$root" "$3" "$root/core/equal.c" "$root/core/wipe.c"
    for name in $sources; do
        set -- "$@" "$root/wasm/$name.c"
    done
    "$root/wasm/build" "$@"
}

cat > "$folder/good.c" <<'END'
#include "core/aead.h"
#include "wasm/export.h"
static struct sotto_aead aead;
static uint8_t key[16];
SOTTO_EXPORT(good, void) {
    return (int32_t)sotto_aead_init(&aead, key, sizeof key);
}
END
for variant in simd scalar; do
    build "$folder/first.wasm" "$variant" "$folder/good.c"
    (cd / && build "$folder/second.wasm" "$variant" "$folder/good.c")
    cmp "$folder/first.wasm" "$folder/second.wasm" || fail "two $variant builds differ"
done
echo "ok the same sources give the same bytes"

cat > "$folder/importing.c" <<'END'
#include "wasm/export.h"
__attribute__((import_module("env"), import_name("log"))) void host_log(int32_t value);
SOTTO_EXPORT(bad, void) {
    host_log(1);
    return 0;
}
END
if build "$folder/bad.wasm" scalar "$folder/importing.c" 2> "$folder/errors"; then
    fail "a module with an import was built"
fi
grep -q "the module has imports" "$folder/errors" || fail "another error: $(cat "$folder/errors")"
[ ! -e "$folder/bad.wasm" ] || fail "a refused module was left behind"
echo "ok a module with an import is refused"

sed 's/host_log(1)/missing()/; s/__attribute__.*/void missing(void);/' "$folder/importing.c" \
    > "$folder/undefined.c"
if build "$folder/bad.wasm" scalar "$folder/undefined.c" 2> /dev/null; then
    fail "a module with an undefined function was built"
fi
echo "ok a module with an undefined function is refused"

if "$root/wasm/build" "$folder/bad.wasm" vector "$root" "$folder/good.c" 2> /dev/null; then
    fail "an unknown variant was taken"
fi
echo "ok an unknown variant is refused"
