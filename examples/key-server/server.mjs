// node server.mjs --origin https://localhost:8443 --data FOLDER --sottod URL --credentials FILE
// FOLDER holds cert.pem, key.pem and users.json.

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Backend } from "./backend.mjs";
import { Meetings } from "./meetings.mjs";
import { pageHeaders, readPages } from "./pages.mjs";
import { Refusal } from "./refusal.mjs";
import { Sessions } from "./sessions.mjs";
import { Sottod } from "./sottod.mjs";
import { isPassword } from "./users.mjs";

const BODY_SIZE_MAX = 4096;
const REQUEST_TIMEOUT_MS = 10_000;

const { values: options } = parseArgs({
  options: {
    origin: { type: "string", default: "https://localhost:8443" },
    address: { type: "string", default: "127.0.0.1" },
    data: { type: "string", default: "data" },
    sottod: { type: "string", default: "https://localhost:7880" },
    credentials: { type: "string", default: "data/sotto/credentials.json" },
  },
});

const usersPath = join(options.data, "users.json");
const backend = new Backend({
  isPassword: (name, password) => isPassword(usersPath, name, password),
  sessions: new Sessions(),
  meetings: new Meetings(),
  sottod: new Sottod(options.sottod, JSON.parse(readFileSync(options.credentials, "utf8"))),
  signalingBaseUrl: options.sottod,
});
const pages = readPages(join(import.meta.dirname, "dist"));
const headersOfPages = pageHeaders(options.sottod);

/** One line for each POST: never an address, a header or a body. */
function log(event) {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
}

async function readJson(request) {
  if (request.headers["content-type"] !== "application/json")
    throw new Refusal(415, "Send application/json.");
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > BODY_SIZE_MAX) throw new Refusal(413, "That is too long.");
    parts.push(part);
  }
  try {
    const body = JSON.parse(Buffer.concat(parts).toString());
    if (typeof body === "object" && body !== null) return body;
  } catch {
    // It is no JSON.
  }
  throw new Refusal(400, "Send a JSON object.");
}

async function answerPost(request) {
  // Another site's page can send a POST, but cannot name this origin.
  if (request.headers.origin !== options.origin)
    throw new Refusal(403, "This request comes from another site.");
  return backend.answer({
    path: request.url,
    body: await readJson(request),
    cookies: request.headers.cookie,
    address: request.socket.remoteAddress,
  });
}

function send(response, status, body, cookie) {
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    ...(cookie && { "set-cookie": cookie }),
    ...(status === 413 && { connection: "close" }),
  });
  response.end(JSON.stringify(body));
}

async function handlePost(request, response) {
  try {
    const { route, user, body, cookie } = await answerPost(request);
    log({ event: "answered", route, user });
    send(response, 200, body, cookie);
  } catch (error) {
    const isRefusal = error instanceof Refusal;
    const status = isRefusal ? error.status : 500;
    // The message of an error that nobody foresaw may quote what it stumbled over.
    const reason = isRefusal ? error.message : (error.cause?.code ?? error.code ?? error.name);
    log({ event: isRefusal ? "refused" : "failed", status, reason });
    send(response, status, { error: isRefusal ? error.message : "The server failed." });
  }
}

function handleGet(request, response) {
  const page = pages.get(request.url.split("?")[0]);
  if (!page) return send(response, 404, { error: "There is nothing here." });
  response.writeHead(200, {
    "content-type": page.type,
    "cache-control": "no-cache",
    ...headersOfPages,
  });
  response.end(page.data);
}

function handle(request, response) {
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "no-referrer");
  if (request.method === "POST") void handlePost(request, response);
  else if (request.method === "GET") handleGet(request, response);
  else send(response, 405, { error: "Use GET or POST." });
}

const server = createServer(
  {
    cert: readFileSync(join(options.data, "cert.pem")),
    key: readFileSync(join(options.data, "key.pem")),
    minVersion: "TLSv1.2",
    requestTimeout: REQUEST_TIMEOUT_MS,
  },
  handle,
);
server.listen(Number(new URL(options.origin).port || 443), options.address, () =>
  log({ event: "listening", origin: options.origin }),
);
