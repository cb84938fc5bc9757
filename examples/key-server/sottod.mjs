// What the backend has to do with sottod: it makes rooms, and signs the tokens that let people in.

import { createHmac } from "node:crypto";

import { Refusal } from "./refusal.mjs";

const REST_TOKEN_LIFETIME_S = 60;
/** A token is looked at when its holder joins, and never again. */
const JOIN_TOKEN_LIFETIME_S = 120;
const TIMEOUT_MS = 5000;

export class Sottod {
  #url;
  #credentials;

  /** @param {string} url @param {{apiKey: string, secret: string}} credentials */
  constructor(url, credentials) {
    this.#url = url;
    this.#credentials = credentials;
  }

  /** Returns the id of a new room. It refuses media that is not declared to be encrypted. */
  async createRoom() {
    const answer = await fetch(`${this.#url}/v2/rooms`, {
      method: "POST",
      headers: {
        // A crawler's token makes rooms and cannot join any.
        authorization: this.#sign({ roles: ["crawler"] }, REST_TOKEN_LIFETIME_S),
        "content-type": "application/json",
      },
      body: JSON.stringify({ e2ee: "required" }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok)
      throw new Refusal(502, `The meeting server answered with status ${answer.status}.`);
    return (await answer.json()).roomId;
  }

  /** Good for this room and this participant alone. */
  joinToken(roomId, participantId) {
    const scope = { permissions: ["allow_join"], roles: ["rtc"], roomId, participantId };
    return this.#sign(scope, JOIN_TOKEN_LIFETIME_S);
  }

  #sign(claims, lifetimeS) {
    const { apiKey, secret } = this.#credentials;
    const iat = Math.floor(Date.now() / 1000);
    const payload = { apikey: apiKey, version: 2, ...claims, iat, exp: iat + lifetimeS };
    const input = [{ alg: "HS256", typ: "JWT" }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  }
}
