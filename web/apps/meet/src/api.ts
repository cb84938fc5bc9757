// The one request that Sotto's own app makes besides signalling.

export interface MeetingToken {
  roomId: string;
  token: string;
}

/** A token for one room; a new room without `roomId`. Throws an Error whose message is for people. */
export async function requestToken(roomId?: string): Promise<MeetingToken> {
  let response: Response;
  try {
    response = await fetch("/meet/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(roomId === undefined ? {} : { roomId }),
    });
  } catch {
    throw new Error("The meeting server cannot be reached. Check the connection and try again.");
  }
  const body = (await response.json().catch(() => ({}))) as Partial<MeetingToken> & {
    error?: string;
  };
  if (response.ok && body.roomId && body.token) return { roomId: body.roomId, token: body.token };
  throw new Error(explain(response, body.error));
}

function explain(response: Response, error: string | undefined): string {
  switch (response.status) {
    case 403:
      return (
        error ?? "This server does not hand out meetings to everybody; ask its operator for a link."
      );
    case 429:
      return `Too many meetings at once. Try again in ${response.headers.get("retry-after") ?? "a few"} s.`;
    default:
      return error ?? `The server answered with status ${response.status}.`;
  }
}
