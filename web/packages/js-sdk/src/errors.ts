// What can go wrong, with VideoSDK's codes where it has one, and how to mend it.

export class MeetingError extends Error {
  constructor(
    readonly code: number,
    /** For programs, as `INVALID_TOKEN`. VideoSDK's apps look for it in `name`. */
    readonly reason: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = reason;
  }
}

/** What the server answers when there is too much of something; it is worth asking again. */
export const TOO_MANY_REQUESTS = 4290;

/** Errors that begin in the client; those of the server come with their own code. */
export const clientErrors = {
  notJoined: () => new MeetingError(3035, "NOT_JOINED", "Join the meeting first."),
  left: () => new MeetingError(3035, "LEFT", "The meeting was left."),
  cannotConnect: (url: string) =>
    new MeetingError(3047, "UNABLE_TO_JOIN", `The meeting server at ${url} cannot be reached.`),
  connectionLost: () =>
    new MeetingError(
      1102,
      "CONNECTION_LOST",
      "The connection was lost and did not come back in time.",
    ),
  badAnswer: (what: string) =>
    new MeetingError(3047, "UNABLE_TO_JOIN", `The server answered the join wrongly: ${what}.`),
  badMessage: (what: string) =>
    new MeetingError(
      3073,
      "BAD_MESSAGE",
      `The server said something that makes no sense: ${what}.`,
    ),
  tooLarge: (method: string) =>
    new MeetingError(3073, "INVALID_PARAMETER", `The request ${method} is larger than 256 KiB.`),
  invalid: (what: string) => new MeetingError(3073, "INVALID_PARAMETER", what),
  cannotSend: () =>
    new MeetingError(
      3066,
      "CANNOT_SEND",
      "This participant joined without the right to send media.",
    ),
  notProtected: () =>
    new MeetingError(3068, "NOT_ENCRYPTED", "A stream could not be encrypted and was ended."),
  trackEnded: (source: string) =>
    new MeetingError(3040, "DEVICE_UNAVAILABLE", `The ${source} went away or was taken back.`),
  notSecure: () =>
    new MeetingError(
      3068,
      "INSECURE_ORIGIN",
      "Browsers allow camera, microphone and encryption only on https:// pages and on localhost.",
    ),
  unsupported: (cause: unknown) =>
    new MeetingError(
      3068,
      "UNSUPPORTED_BROWSER",
      "This browser cannot take part in WebRTC calls.",
      { cause },
    ),
  device: (source: string, cause: unknown) =>
    new MeetingError(3040, "DEVICE_UNAVAILABLE", deviceMessage(source, cause), { cause }),
};

function deviceMessage(source: string, cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : "";
  switch (name) {
    case "NotAllowedError":
      return source === "screen"
        ? "The screen was not shared: the browser did not allow it."
        : `The ${source} was not allowed. Allow it in the browser's address bar and try again.`;
    case "NotFoundError":
    case "OverconstrainedError":
      return `No ${source} was found.`;
    case "NotReadableError":
      return `The ${source} is in use by another program.`;
    default: {
      const words = cause instanceof Error ? cause.message : String(cause);
      return `The ${source} could not be started (${words}).`;
    }
  }
}
