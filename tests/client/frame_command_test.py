#!/usr/bin/env python3
"""`sotto frame`, as a script calls it: every row of the vectors both ways, bad options, frames that
must not open. Usage: frame_command_test.py SOTTO VECTORS
"""

import base64
import json
import os
import pty
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOTTO, VECTORS = sys.argv[1], Path(sys.argv[2])


def check(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def call(words, data=b"", **options):
    return subprocess.run([SOTTO, *words], input=data, capture_output=True, timeout=60, **options)


def gives(what, words, data, expected):
    done = call(words, data)
    check(done.returncode == 0, f"{what}: {done.stderr.decode()}")
    check(done.stdout == expected, f"{what}: other bytes")
    check(done.stderr == b"", f"{what}: said {done.stderr.decode()}")


def fails(what, status, reason, words, data=b""):
    """No output, and a line of reason; no more lines, and no key in it."""
    done = call(words, data)
    said = done.stderr.decode()
    check(done.returncode == status, f"{what}: status {done.returncode}, said {said}")
    check(done.stdout == b"", f"{what}: something on standard output")
    check(reason in said and said.count("\n") == 1, f"{what}: said {said}")


def rows(name, key="vectors"):
    return json.loads((VECTORS / name).read_text())[key]


def sotto_words(row, key=None):
    if key is None:
        key = ["--key-text", row["key_text"]] if "key_text" in row else ["--key-hex", row["key_hex"]]
        key += ["--ratchet", str(row["ratchet_steps"])] if row["ratchet_steps"] else []
    return [*key, "--room", row["room_id"], "--participant", row["participant_id"],
            "--stream", row["stream_id_hex"], "--kind", row["kind"], "--suite", str(row["suite"])]


def sotto_vectors():
    found = rows("sotto_frames.json") + rows("sotto_more.json")
    for row in found:
        frame, wire = bytes.fromhex(row["frame_hex"]), bytes.fromhex(row["wire_hex"])
        sealing = ["--codec", row["codec"], "--ctr", str(row["ctr"])] + ["--key-frame"] * row["is_key_frame"]
        for key in (None, ["--room-secret-hex", row["room_secret_hex"]]):
            words = sotto_words(row, key)
            gives(f"seal: {row['name']}", ["frame", "seal", *words, *sealing], frame, wire)
            gives(f"open: {row['name']}", ["frame", "open", "--format", "sotto", *words], wire, frame)
            # What only sealing needs is accepted for opening too.
            gives(f"open: {row['name']}", ["frame", "open", *sealing, *words], wire, frame)
    check(len(found) == 30, "all rows were tried")
    refused = rows("sotto_more.json", "refused")
    for row in refused:
        fails(f"open: {row['name']}", 1, row["result"], ["frame", "open", *sotto_words(row)], bytes.fromhex(row["wire_hex"]))
    check(len(refused) == 20, "all rows were tried")
    print(f"ok {len(found)} rows of the format sotto, {len(refused)} that must be refused")


def sframe_words(row):
    return ["--format", "sframe", "--suite", str(row["cipher_suite"]), "--base-key-hex", row["base_key"],
            "--metadata-hex", row["metadata"]]


def sframe_vectors():
    found = rows("sframe_rfc9605.json", "sframe")
    for row in found:
        name = f"suite {row['cipher_suite']}"
        frame, wire = bytes.fromhex(row["pt"]), bytes.fromhex(row["ct"])
        words, header = sframe_words(row), ["--kid", str(row["kid"]), "--ctr", hex(row["ctr"])]
        gives(f"seal: {name}", ["frame", "seal", *words, *header], frame, wire)
        gives(f"open: {name}", ["frame", "open", *words, *header], wire, frame)
        gives(f"open: {name}", ["frame", "open", *words], wire, frame)
        for place in range(len(wire)):
            altered = bytearray(wire)
            altered[place] ^= 0x10
            done = call(["frame", "open", *words], bytes(altered))
            check(done.returncode == 1 and done.stdout == b"", f"{name}: byte {place} altered")
        fails(f"{name}: other metadata", 1, "tampered", ["frame", "open", *words[:-1], ""], wire)
        fails(f"{name}: another KID", 1, "missing-key", ["frame", "open", *words, "--kid", "1"], wire)
        fails(f"{name}: cut", 1, "not-sealed", ["frame", "open", *words], wire[:6])
        empty = call(["frame", "seal", *words, *header], b"")
        check(empty.returncode == 0 and len(empty.stdout) > 5, "an empty frame has a tag")
        gives("an empty frame", ["frame", "open", *words], empty.stdout, b"")
        # Both ends one step further are in step; only one of them is not.
        stepped = call(["frame", "seal", *words, *header, "--ratchet", "2"], frame).stdout
        gives(f"{name}: ratchet", ["frame", "open", *words, "--ratchet", "2"], stepped, frame)
        fails(f"{name}: no ratchet", 1, "tampered", ["frame", "open", *words], stepped)
    check(len(found) == 5, "all rows were tried")
    words = sframe_words(found[0])
    fails("no --kid", 2, "--kid is needed to seal in the format sframe", ["frame", "seal", *words, "--ctr", "0"])
    fails("no --ctr", 2, "--ctr is needed to seal in the format sframe", ["frame", "seal", *words, "--kid", "0"])
    fails("no key", 2, "--base-key-hex is needed to open in", ["frame", "open", *words[:4], *words[6:]])
    fails("--room", 2, "--room is no option of the format sframe", ["frame", "open", *words, "--room", "x"])
    print(f"ok {len(found)} rows of the format sframe")


def livekit_words(row):
    key = ["--key-text", row["key_utf8"]] if "key_utf8" in row else ["--key-hex", row["key_hex"]]
    codec = (row["codec_mime"] or ("audio/opus" if row["media_kind"] == "audio" else "video/vp8")).split("/")[1]
    return ["--format", "livekit", *key, "--salt", row["salt_utf8"], "--key-bits", str(row.get("key_size_bits", 128)),
            "--ratchet", str(row.get("ratchet_steps", 0)), "--codec", codec.lower(), "--kdf", row["kdf"].lower()] \
        + ["--key-frame"] * (row.get("frame_type") == "key")


def livekit_vectors():
    found = rows("livekit_frames.json") + rows("livekit_frames.json", "videosdk_frames")
    for row in found:
        name = row.get("name", "VideoSDK")
        words = livekit_words(row)
        counts = ["--ssrc", str(row["ssrc"]), "--rtp-timestamp", hex(row["rtp_timestamp"]),
                  "--send-count", str(row["send_count"])]
        index = ["--key-index", str(row.get("key_index", 0))]
        frame, wire = bytes.fromhex(row["plaintext_frame_hex"]), bytes.fromhex(row["encrypted_frame_hex"])
        opened = bytes.fromhex(row.get("decrypted_by_livekit_hex", row["plaintext_frame_hex"]))
        gives(f"seal: {name}", ["frame", "seal", *words, *counts, *index], frame, wire)
        gives(f"open: {name}", ["frame", "open", *words, *counts, *index], wire, opened)
        gives(f"open: {name}", ["frame", "open", *words], wire, opened)
        at = words.index("--codec")
        guessed = [word for word in words[:at] + words[at + 2:] if word != "--key-frame"]
        gives(f"open: {name}, of any codec", ["frame", "open", *guessed], wire, opened)
        # What LiveKit's browser client takes without being told is the default.
        words = words[:words.index("--kdf")] + words[words.index("--kdf") + 2:]
        gives(f"open: {name}", ["frame", "open", *words], wire, opened)
        fails(f"{name}: another place", 1, "missing-key", ["frame", "open", *words, "--key-index", "3"], wire)
        altered = bytearray(wire)
        altered[-3] ^= 1
        done = call(["frame", "open", *words], bytes(altered))
        check(done.returncode == 1 and done.stdout == b"", f"{name}: altered")
    check(len(found) == 18, "all rows were tried")
    row = found[0]
    words = livekit_words(row)
    fails("another salt", 1, "tampered", ["frame", "open", *words[:5], "other", *words[6:]],
          bytes.fromhex(row["encrypted_frame_hex"]))
    fails("in clear", 1, "not-sealed", ["frame", "open", *words], bytes.fromhex(row["plaintext_frame_hex"]))
    fails("no frame", 1, "standard input is empty", ["frame", "open", *words])
    fails("VP8 of two bytes", 1, "no frame of that --codec",
          ["frame", "seal", "--format", "livekit", "--key-text", "x", "--codec", "vp8", *counts, *index], b"\1\2")
    fails("no --ssrc", 2, "--ssrc is needed to seal in the format livekit", ["frame", "seal", *words])
    words[words.index("--codec") + 1] = "av1"
    fails("AV1", 2, "--codec must be one of opus, vp8, vp9, h264, h265", ["frame", "open", *words])
    fails("a room secret", 2, "--room-secret-hex is no option of the format livekit",
          ["frame", "open", "--format", "livekit", "--codec", "vp8", "--room-secret-hex", "00" * 32])
    print(f"ok {len(found)} rows of the format livekit")


ROW = next(row for row in rows("sotto_frames.json") if row["codec"] == "vp8")
WORDS = sotto_words(ROW, ["--room-secret-hex", ROW["room_secret_hex"]])
BARE_SEAL = ["frame", "seal", *WORDS, "--codec", "vp8"]
SEAL = [*BARE_SEAL, "--ctr", "0"]
SEAL_OPUS = [*BARE_SEAL[:-1], "opus", "--ctr", "0"]
OPEN = ["frame", "open", *WORDS]
WIRE = bytes.fromhex(ROW["wire_hex"])
FRAME = bytes.fromhex(ROW["frame_hex"])


def altered_frames():
    for place in range(len(WIRE)):
        for bit in (1, 0x80):
            altered = bytearray(WIRE)
            altered[place] ^= bit
            done = call(OPEN, bytes(altered))
            check(done.returncode == 1 and done.stdout == b"", f"byte {place} altered")
    for size in range(1, len(WIRE)):
        done = call(OPEN, WIRE[:size])
        check(done.returncode == 1 and done.stdout == b"", f"only {size} bytes")
    tag = bytearray(WIRE)
    tag[-2] ^= 1
    fails("an altered tag", 1, "tampered", OPEN, bytes(tag))
    fails("no frame at all", 1, "not-sealed", OPEN, b"hello")
    fails("one byte more", 1, "not-sealed", OPEN, WIRE + b"\0")
    print("ok altered frames")


def other_keys():
    other = "00" * 32
    fails("another key", 1, "missing-key", [*OPEN[:3], other, *OPEN[4:]], WIRE)
    for option, value in (("--room", "other"), ("--participant", "bob"), ("--stream", "00" * 16), ("--kind", "share")):
        words = list(OPEN)
        words[words.index(option) + 1] = value
        fails(f"another {option}", 1, "tampered", words, WIRE)
    words = list(OPEN)
    words[words.index("--suite") + 1] = "5"
    fails("a suite below the least", 1, "not-sealed", words, WIRE)
    print("ok other keys and names")


def edges():
    fails("no frame", 1, "standard input is empty", SEAL)
    fails("no frame", 1, "standard input is empty", OPEN)
    gives("hexadecimal numbers", [*BARE_SEAL, "--ctr", "0x7", "--key-frame"], FRAME, WIRE)
    largest = bytes(1 << 24)
    sealed = call(SEAL_OPUS, largest)
    check(sealed.returncode == 0, "16 MiB are sealed")
    gives("16 MiB", OPEN, sealed.stdout, largest)
    fails("16 MiB and a byte", 1, "at most 16 MiB", SEAL, largest + b"\0")
    fails("no frame has that size", 1, "too large", OPEN, bytes(50 << 20))
    last = str(2 ** 32 - 1)
    sealed = call([*BARE_SEAL, "--ctr", last], FRAME)
    gives("the last counter", OPEN, sealed.stdout, FRAME)
    for counter in (str(2 ** 32), str(2 ** 64 - 1)):
        fails("one counter more", 1, "exhausted", [*BARE_SEAL, "--ctr", counter], FRAME)
    fails("no counter", 2, "--ctr is needed to seal in the format sotto", BARE_SEAL, FRAME)
    fails("H.264 without a slice", 1, "invalid-argument: these bytes are no frame of that --codec",
          [*BARE_SEAL[:-1], "h264", "--ctr", "0"], b"\0\0\0\1\x67\0")
    print("ok edges")


def wrong_options():
    def bad(reason, *words, base=SEAL):
        fails(" ".join(words), 2, reason, [*base, *words], FRAME)

    bad("--nonsense is no option", "--nonsense")
    bad("an argument is no option", "surplus")
    bad("--ctr needs a value", "--ctr", base=BARE_SEAL)
    bad("--ctr is given twice", "--ctr", "1")
    bad("--key-frame is given twice", "--key-frame", "--key-frame")
    for value in ("", "x", "-1", "1x", "0x", "0xg", " 1", str(2 ** 64), "1e3", "+1"):
        bad("--ctr must be a number from 0 to 18446744073709551615", "--ctr", value, base=BARE_SEAL)
    bad("--ratchet must be a number", "--ratchet", "1000001")
    bad("--format must be one of sotto, sframe, livekit", "--format", "Sotto")
    bad("--kid is no option of the format sotto", "--kid", "1")
    bad("--base-key-hex is no option of the format sotto", "--base-key-hex", "00")
    bad("--salt is no option of the format sotto", "--salt", "x")
    bad("one key", "--key-text", "two")
    swaps = {
        "--room": ("a text of 1 to 255 bytes", ("", "x" * 256)),
        "--participant": ("a text of 1 to 255 bytes", ("", "x" * 256)),
        "--stream": ("two for each of 16 bytes", ("", "00" * 15, "00" * 17, "0" * 31, "0g" * 16, "0x" + "0" * 30)),
        "--kind": ("one of audio, video, share, shareAudio, data", ("", "Video", "screen")),
        "--suite": ("a number from 1 to 5", ("0", "6")),
        "--room-secret-hex": ("two for each of 32 bytes", ("", "00" * 31, "00" * 33)),
        "--codec": ("one of other, opus, red, vp8, vp9, h264, h265, av1", ("VP8", "")),
    }
    for option, (reason, values) in swaps.items():
        at = SEAL.index(option) + 1
        for value in values:
            words = [*SEAL[:at], value, *SEAL[at + 1:]]
            fails(f"{option} {value}", 2, f"{option} must be ", words, FRAME)
            fails(f"{option} {value}", 2, reason, words, FRAME)
        missing = "one key" if option == "--room-secret-hex" else f"{option} is needed to seal"
        if option != "--suite":
            fails(f"no {option}", 2, missing, [*SEAL[:at - 1], *SEAL[at + 1:]], FRAME)
    at = SEAL.index("--suite") + 1
    fails("suite 3", 2, "--suite must be 4 or 5", [*SEAL[:at], "3", *SEAL[at + 1:]], FRAME)
    at = SEAL.index("--room-secret-hex")
    fails("a short key", 2, "at least 16 bytes", [*SEAL[:at], "--key-hex", "00" * 15, *SEAL[at + 2:]], FRAME)
    for digits in ("0" * 33, "0" * 31 + "g"):
        fails("odd digits", 2, "--key-hex must be", [*SEAL[:at], "--key-hex", digits, *SEAL[at + 2:]], FRAME)
    fails("nothing to do", 2, "seal or open", ["frame"])
    fails("nothing to do", 2, "seal or open", ["frame", "look"])
    check(b"S3cret" not in call(["frame", "seal", "S3cret"]).stderr, "a key that lost its option is not repeated")
    print("ok wrong options")


def key_files(folder):
    text = next(row for row in rows("sotto_frames.json") if "key_text" in row)
    raw = next(row for row in rows("sotto_frames.json") if "key_hex" in row and len(row["key_hex"]) == 64)
    base64url = base64.urlsafe_b64encode(bytes.fromhex(raw["key_hex"])).decode().rstrip("=")
    path = folder / "key"
    for row, line in ((text, f" {text['key_text']} \n"), (raw, base64url)):
        path.write_text(line)
        ratchet = ["--ratchet", str(row["ratchet_steps"])]
        gives("a key in a file", ["frame", "open", *sotto_words(row, ["--key-file", str(path), *ratchet])],
              bytes.fromhex(row["wire_hex"]), bytes.fromhex(row["frame_hex"]))
    fails("no such file", 2, "No such file", ["frame", "open", *sotto_words(text, ["--key-file", "/none"])])
    for content, reason in ((b"", "holds no key"), (b"\n", "empty"), (b"a\0b\n", "no text"), (b"x" * 5000, "too long")):
        path.write_bytes(content)
        fails("a bad key file", 2, reason, ["frame", "open", *sotto_words(text, ["--key-file", str(path)])])
    given = call(["frame", "open", *sotto_words(raw, ["--key-text", base64url])], bytes.fromhex(raw["wire_hex"]))
    check(given.returncode == 1 and b"is taken as a text" in given.stderr and given.stdout == b"",
          "a raw key that is given as a text is another key, and that is said")
    check(base64url.encode() not in given.stderr, "but not which")
    print("ok keys in files")


def in_the_process_list():
    """A key is out of the arguments before the program waits for a frame."""
    words = sotto_words(ROW, ["--key-text", "S3cret"])
    process = subprocess.Popen([SOTTO, "frame", "open", *words], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    arguments, deadline = b"", time.monotonic() + 10
    while (b"S3cret" in arguments or b"--key-text" not in arguments) and time.monotonic() < deadline:
        arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    check(b"--key-text" in arguments and b"S3cret" not in arguments, "the key left the arguments")
    check(process.poll() is None, "the program waits for the frame")
    process.communicate(WIRE)
    print("ok a key leaves the arguments")


def in_a_core_dump():
    """There is none, whatever the shell allows."""
    words = sotto_words(ROW, ["--key-text", "S3cret"])
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    allow = lambda: resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    process = subprocess.Popen([SOTTO, "frame", "open", *words], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdout=subprocess.PIPE, preexec_fn=allow)
    deadline = time.monotonic() + 10
    while resource.prlimit(process.pid, resource.RLIMIT_CORE) != (0, 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    limits = resource.prlimit(process.pid, resource.RLIMIT_CORE)
    check(limits == (0, 0), f"no core is dumped: {limits}")
    process.communicate(WIRE)
    print("ok a key is in no core dump")


def terminals_and_pipes():
    leader, follower = pty.openpty()
    done = subprocess.run([SOTTO, *OPEN], stdin=follower, capture_output=True, timeout=60)
    check(done.returncode == 2 and b"terminal" in done.stderr and done.stdout == b"", "a terminal is refused")
    os.close(leader)
    os.close(follower)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([SOTTO, *SEAL], input=FRAME, stdout=full, stderr=subprocess.PIPE, timeout=60)
    check(done.returncode == 1 and b"No space left" in done.stderr, "a full disk is an error")
    done = subprocess.run([SOTTO, *OPEN], stdin=os.open("/", os.O_RDONLY), capture_output=True, timeout=60)
    check(done.returncode == 1 and b"cannot be read" in done.stderr, "what cannot be read is an error")
    # A frame that comes in pieces, and a reader slower than the writer; then without blocking.
    in_pieces(True)
    in_pieces(False)
    print("ok terminals and pipes")


def in_pieces(blocking):
    ends = [os.pipe(), os.pipe()]
    for end in (ends[0][0], ends[1][1]):
        os.set_blocking(end, blocking)
    process = subprocess.Popen([SOTTO, *SEAL_OPUS], stdin=ends[0][0], stdout=ends[1][1])
    large = bytes(range(256)) * 4096
    os.close(ends[0][0])
    os.close(ends[1][1])
    pid = os.fork()
    if pid == 0:
        for start in range(0, len(large), 100_000):
            os.write(ends[0][1], large[start:start + 100_000])
            time.sleep(0.002)
        os._exit(0)
    os.close(ends[0][1])
    sealed = b""
    while piece := os.read(ends[1][0], 7777):
        sealed += piece
        time.sleep(0.0005)
    os.close(ends[1][0])
    os.waitpid(pid, 0)
    check(process.wait() == 0, "in pieces")
    gives("in pieces", OPEN, sealed, large)


def help_texts():
    for words in (["frame", "--help"], ["frame", "seal", "--help"]):
        done = call(words)
        check(done.returncode == 0 and b"--room-secret-hex" in done.stdout, "help")
    check(b"sotto frame seal|open" in call(["--help"]).stdout, "sotto --help")
    check(b"Never seal two frames with the same counter" in call(["frame", "--help"]).stdout, "the warning")
    print("ok help")


sotto_vectors()
sframe_vectors()
livekit_vectors()
altered_frames()
other_keys()
edges()
wrong_options()
with tempfile.TemporaryDirectory() as temporary:
    key_files(Path(temporary))
in_the_process_list()
in_a_core_dump()
terminals_and_pipes()
help_texts()
