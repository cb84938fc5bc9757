// Before the call: name, camera and microphone, and the key if the link did not bring it.

import { type FormEvent, useEffect, useRef, useState } from "react";

import { focusHeading } from "./focus";
import { KeyField } from "./key_field";
import type { MeetingKey } from "./link";
import { NameField } from "./name_field";
import { type DeviceChoice, useDevice } from "./use_device";

export interface LobbyChoice {
  key: MeetingKey | undefined;
  /** The lobby's own, which end with it. */
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
  const [typedKey, setTypedKey] = useState<MeetingKey>();
  const camera = useDevice("camera");
  const microphone = useDevice("microphone");
  const key = meetingKey ?? typedKey;

  const join = (event: FormEvent) => {
    event.preventDefault();
    onJoin({ key, camera: camera.track, microphone: microphone.track });
  };

  return (
    <main className="card" data-page="lobby">
      <h1 ref={focusHeading} tabIndex={-1}>
        Ready to join?
      </h1>
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
        <NameField name={name} onName={onName} />
        {meetingKey === undefined && (
          <KeyField onKey={setTypedKey}>
            <small>
              Without the key you can join, but neither see and hear nor be seen and heard.
            </small>
          </KeyField>
        )}
        <button className="primary" disabled={isBusy || camera.isOpening || microphone.isOpening}>
          {isBusy ? "Joining…" : key === undefined ? "Join without the key" : "Join"}
        </button>
      </form>
      <p role="alert">{error}</p>
    </main>
  );
}

function Toggle({ label, device }: { label: string; device: DeviceChoice }) {
  const words = device.isOpening ? "starting…" : device.isOn ? "on" : "off";
  return (
    <button type="button" aria-pressed={device.isOn} onClick={device.toggle}>
      {label} {words}
    </button>
  );
}

function Preview({ track }: { track: MediaStreamTrack | undefined }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  return (
    <div className="preview">
      <video ref={video} autoPlay playsInline muted aria-label="Your camera" hidden={!track} />
      {!track && <span>The camera is off</span>}
    </div>
  );
}
