// node add_user.mjs FILE NAME: asks for a password, or reads it from a pipe.

import { once } from "node:events";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { addUser } from "./users.mjs";

const [path, name] = process.argv.slice(2);
if (!path || !name) {
  process.stderr.write("usage: node add_user.mjs FILE NAME\n");
  process.exit(2);
}
if (process.stdin.isTTY) process.stderr.write(`Password for ${name}: `);
// What is typed is shown nowhere.
const nowhere = new Writable({ write: (_data, _encoding, done) => done() });
const lines = createInterface({
  input: process.stdin,
  output: nowhere,
  terminal: process.stdin.isTTY,
});
const [password] = await once(lines, "line");
lines.close();
process.stderr.write("\n");
await addUser(path, name, password).catch((error) => {
  process.stderr.write(`add_user: ${error.message}\n`);
  process.exitCode = 1;
});
