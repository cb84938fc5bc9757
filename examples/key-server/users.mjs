// Who may sign in: a file of names and hashed passwords, readable by its owner only.

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

const SALT_SIZE = 16;
const HASH_SIZE = 32;
/** 32 MiB and about a quarter of a second for each guess. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 };
const PASSWORD_SIZE_MIN = 8;

/** @type {(password: string, salt: Buffer, size: number, cost: object) => Promise<any>} */
const stretch = promisify(scrypt);

/** Adds somebody, or gives them another password. */
export async function addUser(path, name, password) {
  if (!/^[a-z0-9_-]{1,32}$/.test(name))
    throw new Error("a name is 1 to 32 of a-z, 0-9, _ and -");
  if (password.length < PASSWORD_SIZE_MIN)
    throw new Error(`a password has at least ${PASSWORD_SIZE_MIN} characters`);
  const salt = randomBytes(SALT_SIZE);
  const hash = await stretch(password, salt, HASH_SIZE, COST);
  const users = readUsers(path);
  users.set(name, { salt: salt.toString("base64"), hash: hash.toString("base64") });
  writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(users), null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Takes as long for a name that does not exist. */
export async function isPassword(path, name, password) {
  const user = readUsers(path).get(name);
  const salt = user ? Buffer.from(user.salt, "base64") : Buffer.alloc(SALT_SIZE);
  const hash = await stretch(password, salt, HASH_SIZE, COST);
  const expected = user ? Buffer.from(user.hash, "base64") : randomBytes(HASH_SIZE);
  return timingSafeEqual(hash, expected);
}

function readUsers(path) {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(path, "utf8"))));
  } catch (error) {
    if (error.code === "ENOENT") return new Map();
    throw error;
  }
}
