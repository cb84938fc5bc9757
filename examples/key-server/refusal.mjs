/** What a request is answered with when it does not get what it asks for. */
export class Refusal extends Error {
  /** @param {number} status of HTTP @param {string} message for people, without secrets */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
