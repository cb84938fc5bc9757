// Frames of SSRCs that nobody announced. Chromium ties a receiver's transform to the SSRCs that the remote
// description announces, and hands what comes under another one to the decoder as it is. A transform
// that is set while none is announced is tied to whatever comes, and stays so when some are announced
// later. And Chromium keeps sound and picture together only where they are announced. So each media
// section is negotiated without its SSRCs first, and at once again with them.

/** Keeps to this every description that the connection gets. To be called before the first one. */
export function coverUnannounced(connection: RTCPeerConnection): void {
  const setRemote = connection.setRemoteDescription.bind(connection);
  const setLocal = connection.setLocalDescription.bind(connection);
  /** What was announced of each section when it was covered, by its mid. */
  const covered = new Map<string, string>();
  /** The offer of now, if it announces something of sections that are not covered yet. */
  let whole: { offer: RTCSessionDescriptionInit; fresh: Map<string, string> } | undefined;

  connection.setRemoteDescription = async (description: RTCSessionDescriptionInit) => {
    const { sdp, fresh, closed } = withoutSsrcs(description.sdp ?? "", covered);
    for (const mid of closed) covered.delete(mid);
    whole = fresh.size > 0 ? { offer: description, fresh } : undefined;
    await setRemote({ type: description.type, sdp });
  };
  connection.setLocalDescription = async (answer?: RTCLocalSessionDescriptionInit) => {
    await setLocal(answer);
    if (!whole) return;
    const { offer, fresh } = whole;
    whole = undefined;
    for (const [mid, announced] of fresh) covered.set(mid, announced);
    await setRemote(offer);
    await connection.createAnswer(); // Firefox takes none that it was not asked for.
    await setLocal(answer);
  };
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
    if (/^m=\S+ 0 /.test(section)) closed.push(mid);
    const announced = section.match(SSRC_LINE)?.join("") ?? "";
    if (announced === "" || covered.get(mid) === announced) return section;
    fresh.set(mid, announced);
    return section.replace(SSRC_LINE, "");
  });
  return { sdp: sections.join(""), fresh, closed };
}

const SSRC_LINE = /^a=ssrc(?:-group)?:.*(?:\r?\n|$)/gm;
