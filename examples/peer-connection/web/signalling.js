// Two tabs of one browser find each other and exchange messages. Between two machines a server does this;
// it is trusted with nothing more.

/** `onmessage` is given each message that is for this tab or for all. */
export function openSignalling(name, ownId) {
  const channel = new BroadcastChannel(name);
  const signalling = {
    /** Without an id to all. */
    send: (message, to) => channel.postMessage(JSON.stringify({ ...message, from: ownId, to })),
    /** @type {(message: Record<string, any>) => void} */
    onmessage: () => {},
  };
  channel.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.to === undefined || message.to === ownId) signalling.onmessage(message);
  };
  return signalling;
}
