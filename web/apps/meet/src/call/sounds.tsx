// What is heard: everybody else, also those without a tile.

import { AudioPlayer, useMeeting } from "@sotto/react-sdk";
import { memo, useCallback, useEffect, useRef, useState } from "react";

import { Icon } from "../ui/icons";

export const Sounds = memo(function Sounds({ speakerId }: { speakerId: string }) {
  const { participants, localParticipant } = useMeeting();
  const [blocked, setBlocked] = useState<ReadonlySet<string>>(new Set());
  const folder = useRef<HTMLDivElement>(null);

  const say = useCallback((sound: string, isBlocked: boolean) => {
    setBlocked((before) => {
      const after = new Set(before);
      if (isBlocked) after.add(sound);
      else after.delete(sound);
      return after;
    });
  }, []);

  useEffect(() => {
    for (const audio of folder.current?.querySelectorAll("audio") ?? [])
      if ("setSinkId" in audio) audio.setSinkId(speakerId).catch(() => {}); // It is unplugged.
  }, [participants, speakerId]);

  return (
    <>
      {blocked.size > 0 && (
        <div className="bar" data-tone="warn" role="alert">
          <p>Your browser keeps this page silent until you touch it.</p>
          {/* Any click starts the sound. */}
          <button className="primary">
            <Icon name="sound" />
            Turn on sound
          </button>
        </div>
      )}
      <div ref={folder} className="sounds" hidden>
        {[...participants.keys()]
          .filter((id) => id !== localParticipant?.id)
          .map((id) => (
            <Sound key={id} id={id} onBlocked={say} />
          ))}
      </div>
    </>
  );
});

interface SoundProps {
  id: string;
  onBlocked: (sound: string, isBlocked: boolean) => void;
}

function Sound({ id, onBlocked }: SoundProps) {
  const onVoice = useCallback((is: boolean) => onBlocked(`voice ${id}`, is), [id, onBlocked]);
  const onScreen = useCallback((is: boolean) => onBlocked(`screen ${id}`, is), [id, onBlocked]);
  return (
    <>
      <AudioPlayer participantId={id} onBlocked={onVoice} />
      <AudioPlayer participantId={id} type="shareAudio" onBlocked={onScreen} />
    </>
  );
}
