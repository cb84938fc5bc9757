// Where signalling is.

/** `wss://host/signal` from a host, host:port or URL; default the page's origin. */
export function signallingUrl(base: string | undefined): string {
  const isUrl = base !== undefined && /^(https?|wss?):\/\//.test(base);
  const url = new URL(isUrl ? base : base ? `${location.protocol}//${base}` : location.origin);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  url.pathname = `${url.pathname.replace(/\/$/, "")}/signal`;
  url.search = url.hash = "";
  return url.href;
}
