// Another camera or microphone in mid-call.

import type { TrackSource } from "@sotto/js-sdk";
import { useMeeting } from "@sotto/react-sdk";

import { openChosen } from "../devices/open";
import { explainDevice } from "../devices/words";
import type { Notify } from "../ui/notices";

/** Opens the device of this id, or the browser's own choice; a microphone stays muted if it was. */
export function useTakeDevice(notify: Notify): (source: TrackSource, id: string) => void {
  const call = useMeeting();
  const take = async (source: TrackSource, id: string) => {
    const track = await openChosen(source, id);
    const taken = source === "camera" ? call.changeWebcam(track) : call.changeMic(track);
    // Told by the meeting's error event. A track that the meeting did not take is nobody's.
    await taken.catch(() => track.stop());
  };
  return (source, id) => void take(source, id).catch((error) => notify(explainDevice(error)));
}
