// Before the call: name, camera and microphone, and the key if the link did not bring it.

import { openDevice } from "@sotto/js-sdk";
import { type FormEvent, useEffect, useRef, useState } from "react";

import { type MeetingKey, parseKeyOrLink } from "./link";

export interface LobbyChoice {
  key: MeetingKey | undefined;
  camera: MediaStreamTrack | undefined;
  microphone: MediaStreamTrack | undefined;
}

interface LobbyProps {
  roomId: string;
  meetingKey: MeetingKey | undefined;
  name: string;
  onName: (name: string) => void;
  isBusy: boolean;
  error: string | undefined;
  onJoin: (choice: LobbyChoice) => void;
}

export function Lobby({ roomId, meetingKey, name, onName, isBusy, error, onJoin }: LobbyProps) {
  const [keyText, setKeyText] = useState("");
  const camera = useDevice("camera");
  const microphone = useDevice("microphone");
  const key = meetingKey ?? parseKeyOrLink(keyText);

  const join = (event: FormEvent) => {
    event.preventDefault();
    onJoin({ key, camera: camera.take(), microphone: microphone.take() });
  };

  return (
    <main className="card" data-page="lobby">
      <h1>Ready to join?</h1>
      <p className="lead">
        Meeting <code>{roomId}</code>
      </p>
      <Preview track={camera.track} />
      <div className="row">
        <Toggle label="Camera" device={camera} />
        <Toggle label="Microphone" device={microphone} />
      </div>
      <p role="status">{camera.error ?? microphone.error}</p>
      <form onSubmit={join}>
        <label>
          Your name
          <input value={name} maxLength={64} autoComplete="name" onChange={(event) => onName(event.target.value)} />
        </label>
        {meetingKey === undefined && (
          <label>
            Key of the meeting
            <input
              name="key"
              value={keyText}
              autoComplete="off"
              placeholder="paste the whole link, or type the key"
              onChange={(event) => setKeyText(event.target.value)}
            />
            <small>Without the key you can join, but neither see and hear nor be seen and heard.</small>
          </label>
        )}
        <button className="primary" disabled={isBusy}>
          {isBusy ? "Joining…" : key === undefined ? "Join without the key" : "Join"}
        </button>
      </form>
      <p role="alert">{error}</p>
    </main>
  );
}

interface DeviceChoice {
  track: MediaStreamTrack | undefined;
  error: string | undefined;
  isOn: boolean;
  toggle: () => void;
  /** Hands the track over: it is the meeting's from here on. */
  take: () => MediaStreamTrack | undefined;
}

function useDevice(source: "camera" | "microphone"): DeviceChoice {
  const [isOn, setOn] = useState(true);
  const [track, setTrack] = useState<MediaStreamTrack>();
  const [error, setError] = useState<string>();
  // The meeting goes on with the open device instead of opening it again.
  const isTaken = useRef(false);

  useEffect(() => {
    if (!isOn) return;
    let isOver = false;
    let opened: MediaStreamTrack | undefined;
    openDevice(source).then(
      (device) => {
        opened = device;
        if (isOver) device.stop();
        else setTrack(device);
      },
      (cause: Error) => {
        if (!isOver) {
          setError(cause.message);
          setOn(false);
        }
      },
    );
    return () => {
      isOver = true;
      if (!isTaken.current) opened?.stop();
      setTrack(undefined);
    };
  }, [isOn, source]);

  return {
    track,
    error,
    isOn,
    toggle: () => {
      setError(undefined);
      setOn(!isOn);
    },
    take: () => {
      isTaken.current = true;
      return track;
    },
  };
}

function Toggle({ label, device }: { label: string; device: DeviceChoice }) {
  return (
    <button type="button" aria-pressed={device.isOn} onClick={device.toggle}>
      {label} {device.isOn ? "on" : "off"}
    </button>
  );
}

function Preview({ track }: { track: MediaStreamTrack | undefined }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  return <video ref={video} className="preview" autoPlay playsInline muted aria-label="Your camera" />;
}
