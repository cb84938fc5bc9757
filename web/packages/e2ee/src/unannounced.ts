// Frames of SSRCs that nobody announced. Chromium ties the transform of a receiver that an offer made to the
// SSRCs that the offer announces, and hands what comes under another one to the decoder as it is. A
// transform that is set while none is announced is tied to whatever comes, and stays so when some are
// announced later. And Chromium keeps sound and picture together only where they are announced. So each
// media section of an offer is negotiated without its SSRCs first, and at once again with them. The
// receivers of one's own offer were there before anything was announced.

/**
 * Makes sure that nothing reaches a decoder past the transform, whichever side offers. To be called for
 * each connection before its first description. From then on one call of setLocalDescription may set
 * an answer twice: before it resolves, `signalingState` leaves "stable" and comes back, and the first
 * ICE candidates come; the app sends them after the answer. Throws a TypeError for a connection
 * without `FrameEncryption.peerConnectionSettings`.
 */
export function prepareConnection(connection: RTCPeerConnection): void {
  const { encodedInsertableStreams } = connection.getConfiguration() as Settings;
  // Only a browser that knows the setting tells of it.
  if (encodedInsertableStreams === false)
    throw new TypeError("Make the RTCPeerConnection with FrameEncryption.peerConnectionSettings.");
  const setRemote = connection.setRemoteDescription.bind(connection);
  const setLocal = connection.setLocalDescription.bind(connection);
  /** What was announced of each section when it was covered, by its mid. */
  const covered = new Map<string, string>();
  /** The offer of now, if it announces something of sections that are not covered yet. */
  let whole: { offer: RTCSessionDescriptionInit; fresh: Map<string, string> } | undefined;
  /** Settles when the second round that runs is over: nothing may come between its steps. */
  let secondRound: Promise<void> | undefined;

  const cover = (fresh: Map<string, string>) => {
    for (const [mid, announced] of fresh) covered.set(mid, announced);
  };
  connection.setRemoteDescription = async (description: RTCSessionDescriptionInit) => {
    if (secondRound) await secondRound.catch(() => {});
    const { sdp, fresh, closed } = withoutSsrcs(description.sdp ?? "", covered);
    for (const mid of closed) covered.delete(mid);
    whole = undefined;
    if (description.type === "offer") {
      if (fresh.size > 0) whole = { offer: description, fresh };
      return setRemote({ type: "offer", sdp });
    }
    await setRemote(description);
    cover(fresh);
  };
  connection.setLocalDescription = async (answer?: RTCLocalSessionDescriptionInit) => {
    if (secondRound) await secondRound.catch(() => {});
    await setLocal(answer);
    if (!whole || connection.signalingState !== "stable") return;
    const { offer, fresh } = whole;
    whole = undefined;
    cover(fresh);
    secondRound = announce(offer, answer);
    await secondRound.finally(() => (secondRound = undefined));
  };

  async function announce(
    offer: RTCSessionDescriptionInit,
    answer: RTCLocalSessionDescriptionInit | undefined,
  ): Promise<void> {
    await setRemote(offer);
    await connection.createAnswer(); // Firefox takes none that it was not asked for.
    await setLocal(answer);
  }
}

interface Settings {
  encodedInsertableStreams?: boolean;
}

export interface Stripped {
  sdp: string;
  /** What was announced of the sections that lost it, by mid. */
  fresh: Map<string, string>;
  /** Sections that are closed: whoever takes their place or name is somebody else. */
  closed: string[];
}

/** The description without the SSRCs of sections, but for those that announce what is covered already. */
export function withoutSsrcs(sdp: string, covered: ReadonlyMap<string, string>): Stripped {
  const fresh = new Map<string, string>();
  const closed: string[] = [];
  const sections = sdp.split(/^(?=m=)/m).map((section) => {
    const mid = /^a=mid:(.*?)\r?$/m.exec(section)?.[1] ?? "";
    if (/^m=\S+ 0 /.test(section) && !/^a=bundle-only\r?$/m.test(section)) closed.push(mid);
    const announced = section.match(SSRC_LINE)?.join("") ?? "";
    if (announced === "" || covered.get(mid) === announced) return section;
    fresh.set(mid, announced);
    return section.replace(SSRC_LINE, "");
  });
  return { sdp: sections.join(""), fresh, closed };
}

const SSRC_LINE = /^a=ssrc(?:-group)?:.*(?:\r?\n|$)/gm;
