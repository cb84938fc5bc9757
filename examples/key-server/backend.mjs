// Who gets what. Tokens and keys leave in the body of an answer, to somebody who is signed in and invited,
// and nowhere else: not in an address, not in a log line, not in an error.

import { Refusal } from "./refusal.mjs";
import { RateLimit } from "./rate_limit.mjs";

const MINUTE_MS = 60_000;
const SIGN_INS_OF_ONE_NAME = 5;
const SIGN_INS_OF_ONE_ADDRESS = 20;

export class Backend {
  #isPassword;
  #sessions;
  #meetings;
  #sottod;
  #signalingBaseUrl;
  #names = new RateLimit(SIGN_INS_OF_ONE_NAME, MINUTE_MS);
  #addresses = new RateLimit(SIGN_INS_OF_ONE_ADDRESS, MINUTE_MS);

  /** `isPassword(name, password)` says, sooner or later, whether it is that person's. */
  constructor({ isPassword, sessions, meetings, sottod, signalingBaseUrl }) {
    this.#isPassword = isPassword;
    this.#sessions = sessions;
    this.#meetings = meetings;
    this.#sottod = sottod;
    this.#signalingBaseUrl = signalingBaseUrl;
  }

  /**
   * Answers one POST. `call` is {path, body, cookies, address}; the answer is {route, user, body, cookie}, of
   * which route and user are for the log. Throws a Refusal.
   */
  async answer(call) {
    const { path, body, cookies } = call;
    if (path === "/sign-in") return this.#signIn(call);
    if (path === "/sign-out")
      return { route: path, body: {}, cookie: this.#sessions.end(cookies) };

    const user = this.#sessions.userOf(cookies);
    if (!user) throw new Refusal(401, "Sign in first.");
    if (path === "/meetings") {
      const makeRoom = () => this.#sottod.createRoom();
      const meetingId = await this.#meetings.create(user, body.people, makeRoom);
      return { route: path, user, body: { meetingId } };
    }
    const [, id = "", action] = /^\/meetings\/([^/]+)\/(join|members)$/.exec(path) ?? [];
    if (action === "join")
      return { route: "/meetings/:id/join", user, body: this.#join(id, user) };
    if (action === "members") {
      this.#meetings.setPeople(id, user, body.people);
      return { route: "/meetings/:id/members", user, body: {} };
    }
    throw new Refusal(404, "There is nothing here.");
  }

  async #signIn({ body: { name, password }, address }) {
    if (typeof name !== "string" || typeof password !== "string")
      throw new Refusal(400, "Sign in with a name and a password.");
    // Before the work of hashing, and counted whether the password is right or not.
    if (!this.#addresses.take(address) || !this.#names.take(name))
      throw new Refusal(429, "Too many attempts. Wait a minute.");
    if (!(await this.#isPassword(name, password)))
      throw new Refusal(401, "Name or password are wrong.");
    const cookie = this.#sessions.begin(name);
    return { route: "/sign-in", user: name, body: { name }, cookie };
  }

  /** A person's name is their participant id: one place for each, and nobody else's. */
  #join(meetingId, user) {
    const { people, key } = this.#meetings.open(meetingId, user);
    return {
      meetingId,
      participantId: user,
      token: this.#sottod.joinToken(meetingId, user),
      key,
      people,
      signalingBaseUrl: this.#signalingBaseUrl,
    };
  }
}
