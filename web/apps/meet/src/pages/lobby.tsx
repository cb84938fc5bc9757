// Before the call: name, camera and microphone, and the key if the link did not bring it.

import { type FormEvent, useState } from "react";

import { LevelMeter } from "../devices/level_meter";
import { Pickers } from "../devices/pickers";
import { Preview } from "../devices/preview";
import { useDevice } from "../devices/use_device";
import { useDevices } from "../devices/use_devices";
import type { MeetingKey } from "../link";
import type { ChangeSettings, Settings } from "../settings";
import { Icon } from "../ui/icons";
import { KeyField } from "../ui/key_field";
import { NameField } from "../ui/name_field";
import { Page } from "../ui/page";
import type { JoinChoice } from "../visit";

interface LobbyProps {
  roomId: string;
  meetingKey: MeetingKey | undefined;
  settings: Settings;
  onSettings: ChangeSettings;
  isBusy: boolean;
  error: string | undefined;
  onJoin: (choice: JoinChoice) => void;
  onHome: () => void;
}

export function Lobby(props: LobbyProps) {
  const { roomId, meetingKey, settings, onSettings, isBusy, error, onJoin, onHome } = props;
  const [typedKey, setTypedKey] = useState<MeetingKey>();
  const camera = useDevice("camera", settings.cameraId);
  const microphone = useDevice("microphone", settings.microphoneId);
  const devices = useDevices(camera.track, microphone.track);
  const key = meetingKey ?? typedKey;
  const isOpening = camera.isOpening || microphone.isOpening;

  const join = (event: FormEvent) => {
    event.preventDefault();
    // Copies, because the lobby ends its own.
    const tracks = { camera: camera.track?.clone(), microphone: microphone.track?.clone() };
    onJoin({ name: settings.name, key, ...tracks });
  };

  return (
    <Page name="lobby" title="Ready to join?">
      <p className="lead">
        Meeting <code>{roomId}</code>
      </p>
      <div className="lobby">
        <Preview camera={camera} microphone={microphone} />
        <form className="card" onSubmit={join}>
          <NameField name={settings.name} onName={(name) => onSettings({ name })} />
          {meetingKey === undefined ? (
            <KeyField onKey={setTypedKey}>
              <small>
                The link brought no key. Without it you can join, but neither see and hear nor be
                seen and heard.
              </small>
            </KeyField>
          ) : (
            <p className="assurance">
              <Icon name="lock" />
              The link brought the key. It stays on this device.
            </p>
          )}
          <button className="primary large" disabled={isBusy || isOpening}>
            {isBusy ? "Joining…" : key === undefined ? "Join without the key" : "Join"}
          </button>
          <p role="alert">{error}</p>
          <button type="button" className="plain" onClick={onHome}>
            Back to the start
          </button>
        </form>
        <section className="card" aria-label="Devices">
          <Pickers
            devices={devices}
            settings={settings}
            onChange={onSettings}
            meter={<LevelMeter track={microphone.track} />}
          />
        </section>
      </div>
    </Page>
  );
}
