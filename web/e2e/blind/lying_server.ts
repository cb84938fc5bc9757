// What another test already shows of lies in signalling: it is run, not written again.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { plainRow, type Row } from "./table.ts";

const FILE = "lying_server.test.ts";

/** The beginnings of names of tests, and what the table calls them. */
const LIES: [string, string, string][] = [
  ["says that the room is without encryption", "flag flipped: E2EE off", "media opens"],
  ["takes the mark of encryption away", "mark of encryption taken away", "nothing comes out"],
  ["passes one participant's streams off", "ids of participants changed", "nothing comes out"],
  ["answers the join with another participantId", "id reassigned in the join", "join refused"],
];

export async function lyingServer(): Promise<Row[]> {
  const pattern = LIES.map(([name]) => name).join("|");
  const child = spawn(
    process.execPath,
    [
      "--test",
      "--test-reporter=tap",
      `--test-name-pattern=${pattern}`,
      join(import.meta.dirname, "..", FILE),
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: withoutTestContext() },
  );
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  await once(child, "close");
  return LIES.map(([name, what, expected]) => {
    const isGood = new RegExp(`^\\s*ok \\d+ - ${name}`, "m").test(output);
    const found = isGood ? expected : "another outcome";
    return plainRow(what, `web/e2e/${FILE}`, "1 call", { expected, found, isGood });
  });
}

/** A test runner that runs inside of another one reports to it. */
function withoutTestContext(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  return environment;
}
