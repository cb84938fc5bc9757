// The built page, and what browsers let it do.

import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** All files of a folder by their path in an address, read once. */
export function readPages(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const pages = names
    .filter((name) => TYPES[extname(name)])
    .map((name) => [
      name === "index.html" ? "/" : `/${name}`,
      { type: TYPES[extname(name)], data: readFileSync(join(folder, name)) },
    ]);
  return new Map(/** @type {[string, {type: string, data: Buffer}][]} */ (pages));
}

/**
 * Scripts of this server alone, the Worker that encrypts, which @sotto/e2ee makes from a blob, and
 * connections to this server and sottod.
 */
export function pageHeaders(signalingBaseUrl) {
  const signalling = signalingBaseUrl.replace(/^http/, "ws");
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "worker-src blob:",
      `connect-src 'self' ${signalling}`,
      "style-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self)",
  };
}
