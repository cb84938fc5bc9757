// The keys that are searched for, against vectors that others made (tests/vectors).

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { nextSecret, openFrame, roomSecret, type StreamName, streamKeys } from "./keys.ts";
import { plainRow, type Row } from "./table.ts";

const PATH = "tests/vectors/sotto_frames.json";
/** That browsers use here. */
const SUITE = 4;

interface Vector {
  key_text?: string;
  key_hex?: string;
  ratchet_steps: number;
  room_id: string;
  participant_id: string;
  stream_id_hex: string;
  kind: StreamName["kind"];
  suite: number;
  room_secret_hex: string;
  kid: number;
  stream_key_hex: string;
  frame_hex: string;
  wire_hex: string;
}

function holds(vector: Vector): boolean {
  const key = vector.key_text ?? Buffer.from(vector.key_hex ?? "", "hex");
  let secret = roomSecret(key, vector.room_id);
  for (let step = 0; step < vector.ratchet_steps; step++) secret = nextSecret(secret);
  const { participant_id: participantId, kind } = vector;
  const streamId = Buffer.from(vector.stream_id_hex, "hex");
  const keys = streamKeys(secret, vector.room_id, { participantId, streamId, kind });
  return (
    secret.toString("hex") === vector.room_secret_hex &&
    keys.kid === vector.kid &&
    keys.baseKey.toString("hex") === vector.stream_key_hex &&
    openFrame(keys, Buffer.from(vector.wire_hex, "hex")).toString("hex") === vector.frame_hex
  );
}

export function vectorRow(): Row {
  const text = readFileSync(join(import.meta.dirname, "../../..", PATH), "utf8");
  const { vectors } = JSON.parse(text) as { vectors: Vector[] };
  const used = vectors.filter(({ suite }) => suite === SUITE);
  const good = used.filter(holds).length;
  return plainRow("control: keys of the vectors", PATH, `${used.length} vectors`, {
    expected: String(used.length),
    found: String(good),
    isGood: good === used.length && good > 0,
  });
}
