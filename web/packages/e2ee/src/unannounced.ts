// Frames of SSRCs that nobody announced. Chromium ties a receiver's transform to the SSRCs that the remote
// description announces, and hands what comes under another one to the decoder as it is. A transform
// that is set while none is announced is tied to whatever comes, and stays so when some are announced
// later. And Chromium keeps sound and picture together only where they are announced. So each media
// section is negotiated without its SSRCs first, and at once again with them.

/** Keeps to this every description that the connection gets. To be called before the first one. */
export function coverUnannounced(connection: RTCPeerConnection): void {
  const setRemote = connection.setRemoteDescription.bind(connection);
  const setLocal = connection.setLocalDescription.bind(connection);
  const covered = new Set<string>();
  /** The offer of now, if it announces something of sections that are not covered yet. */
  let whole: { offer: RTCSessionDescriptionInit; mids: string[] } | undefined;

  connection.setRemoteDescription = async (description: RTCSessionDescriptionInit) => {
    const { sdp, mids } = withoutSsrcs(description.sdp ?? "", covered);
    whole = mids.length > 0 ? { offer: description, mids } : undefined;
    await setRemote({ type: description.type, sdp });
  };
  connection.setLocalDescription = async (answer?: RTCLocalSessionDescriptionInit) => {
    await setLocal(answer);
    if (!whole) return;
    const { offer, mids } = whole;
    whole = undefined;
    for (const mid of mids) covered.add(mid);
    await setRemote(offer);
    await connection.createAnswer(); // Firefox takes none that it was not asked for.
    await setLocal(answer);
  };
}

/** The description without the SSRCs of media sections but those named, and which those are. */
export function withoutSsrcs(
  sdp: string,
  covered: ReadonlySet<string>,
): { sdp: string; mids: string[] } {
  const mids: string[] = [];
  const sections = sdp.split(/^(?=m=)/m).map((section) => {
    const mid = /^a=mid:(.*?)\r?$/m.exec(section)?.[1] ?? "";
    if (covered.has(mid) || !/^a=ssrc/m.test(section)) return section;
    mids.push(mid);
    return section.replace(/^a=ssrc(-group)?:.*(\r?\n|$)/gm, "");
  });
  return { sdp: sections.join(""), mids };
}
