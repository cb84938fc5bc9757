// Who is signed in, by a cookie that scripts cannot read and other sites cannot send.

import { randomBytes } from "node:crypto";

const LIFETIME_S = 12 * 3600;
/** With __Host-, browsers keep it to this host and to HTTPS. */
const COOKIE = "__Host-session";
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict";

export class Sessions {
  #now;
  /** @type {Map<string, {user: string, ends: number}>} */
  #sessions = new Map();

  constructor(now = Date.now) {
    this.#now = now;
  }

  /** Returns the value of set-cookie. */
  begin(user) {
    for (const [id, { ends }] of this.#sessions) if (ends <= this.#now()) this.#sessions.delete(id);
    const id = randomBytes(32).toString("base64url");
    this.#sessions.set(id, { user, ends: this.#now() + LIFETIME_S * 1000 });
    return `${COOKIE}=${id}; Max-Age=${LIFETIME_S}; ${ATTRIBUTES}`;
  }

  /** @param {string | undefined} cookies the request's header. Undefined: nobody is signed in. */
  userOf(cookies) {
    const session = this.#sessions.get(idOf(cookies));
    return session && this.#now() < session.ends ? session.user : undefined;
  }

  /** Returns the value of set-cookie. */
  end(cookies) {
    this.#sessions.delete(idOf(cookies));
    return `${COOKIE}=; Max-Age=0; ${ATTRIBUTES}`;
  }
}

function idOf(cookies = "") {
  const found = cookies.split("; ").find((cookie) => cookie.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1) ?? "";
}
