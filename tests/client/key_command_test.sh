#!/bin/sh
# `sotto key` and `sotto --version`, as a person calls them. Usage: key_command_test.sh SOTTO
set -eu
sotto=$1

fail() {
    echo "failed: $*" >&2
    exit 1
}

key=$("$sotto" key new)
[ ${#key} -eq 43 ] || fail "a new key has ${#key} characters"
[ -z "$(printf %s "$key" | tr -d 'A-Za-z0-9_-')" ] || fail "a new key is not base64url"
[ "$key" != "$("$sotto" key new)" ] || fail "two new keys are the same"
echo "ok new keys are random base64url"

# The codes of tests/vectors/sotto_frames.json: a text key, and the bytes 0 to 31 as a raw key.
code=$(printf '<Secret_Key>\n' | "$sotto" key code --room 2kyv-gzay-64pg)
[ "$code" = "5777 5773 6685" ] || fail "text key: $code"
code=$(echo AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 | "$sotto" key code --room pbow-6vec-vahn)
[ "$code" = "9133 3541 9968" ] || fail "raw key: $code"
code=$(printf '<Secret_Key>' | "$sotto" key code --room 2kyv-gzay-64pg)
[ "$code" = "5777 5773 6685" ] || fail "a line without its end: $code"
code=$(printf ' \t<Secret_Key> \r\n' | "$sotto" key code --room 2kyv-gzay-64pg)
[ "$code" = "5777 5773 6685" ] || fail "spaces around the key: $code"
code=$("$sotto" key code --room 2kyv-gzay-64pg --key-text '<Secret_Key>')
[ "$code" = "5777 5773 6685" ] || fail "--key-text: $code"
code=$("$sotto" key code --room pbow-6vec-vahn \
    --key-hex 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f)
[ "$code" = "9133 3541 9968" ] || fail "--key-hex: $code"
code=$("$sotto" key code --room any \
    --room-secret-hex 6bd67b6de7b322fafbb1e77a2d24a4f6a150db0ba6a1c169962188ba781c72c9)
[ "$code" = "5777 5773 6685" ] || fail "--room-secret-hex: $code"
file=$(mktemp)
trap 'rm -f "$file"' EXIT
echo '<Secret_Key>' >"$file"
code=$("$sotto" key code --room 2kyv-gzay-64pg --key-file "$file")
[ "$code" = "5777 5773 6685" ] || fail "--key-file: $code"
[ "$code" != "$("$sotto" key code --room 2kyv-gzay-64pg --key-file "$file" --ratchet 1)" ] ||
    fail "--ratchet changes nothing"
echo "ok the codes of the vectors"

# refuses STATUS TEXT INPUT ARGUMENT…
refuses() {
    wanted_status=$1
    wanted_text=$2
    input=$3
    shift 3
    status=0
    output=$(printf %s "$input" | "$sotto" "$@" 2>&1) || status=$?
    [ "$status" -eq "$wanted_status" ] || fail "$* ended with status $status"
    echo "$output" | grep -q -- "$wanted_text" || fail "$* said: $output"
}
refuses 1 'the key is empty' '
' key code --room room
refuses 1 'no key' '' key code --room room
refuses 1 'too long' "$(head -c 5000 /dev/zero | tr '\0' x)" key code --room room
refuses 2 '--room must be a text of 1 to 255 bytes' 'text' key code --room ''
refuses 2 'usage' '' key
refuses 2 '--room is needed' '' key code
refuses 2 'an argument is no option' '' key code --room room surplus
refuses 2 'no option' '' key code room
refuses 2 'one key, not more' '' key code --room room --key-text a --key-hex 00
refuses 2 'at least 16 bytes' '' key code --room room --key-hex 00
refuses 2 'No such file' '' key code --room room --key-file /none
refuses 2 "no command 'frobnicate'" '' frobnicate
refuses 2 'usage' ''
refuses 2 "no command '--version'" '' --version surplus
if output=$(printf 'abc\0def\n' | "$sotto" key code --room room 2>&1); then fail "a zero byte: $output"; fi
refuses 1 'the key is empty' '  ' key code --room room
echo "ok bad input is refused with a reason"

for arguments in 'key new' 'key code --room room' 'key --help' 'frame --help' --help --version; do
    if echo text | "$sotto" $arguments >/dev/full 2>&1; then fail "$arguments into a full disk"; fi
done
echo "ok what cannot be written is an error"

"$sotto" --version | grep -Eq '^sotto [0-9]+\.[0-9]+\.[0-9]+$' || fail "--version"
for arguments in --help 'key --help' 'key new --help' 'key code --help'; do
    "$sotto" $arguments | grep -q 'sotto key new' || fail "$arguments"
done
echo "ok version and help"
