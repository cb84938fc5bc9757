// Which camera, microphone and speaker.

import type { DeviceInfo } from "@sotto/react-sdk";

import { Icon, type IconName } from "../ui/icons";
import type { ChangeSettings, Settings } from "../settings";
import type { Devices } from "./use_devices";

interface PickersProps {
  devices: Devices;
  settings: Settings;
  onChange: ChangeSettings;
  /** Stands below the microphones. */
  meter?: React.ReactNode;
}

export function Pickers({ devices, settings, onChange, meter }: PickersProps) {
  return (
    <div className="pickers">
      <Picker
        label="Camera"
        icon="camera"
        devices={devices.cameras}
        value={settings.cameraId}
        onChange={(cameraId) => onChange({ cameraId })}
      />
      <div className="picker-with-meter">
        <Picker
          label="Microphone"
          icon="mic"
          devices={devices.microphones}
          value={settings.microphoneId}
          onChange={(microphoneId) => onChange({ microphoneId })}
        />
        {meter}
      </div>
      {devices.speakers.length > 0 && (
        <Picker
          label="Speaker"
          icon="sound"
          devices={devices.speakers}
          value={settings.speakerId}
          onChange={(speakerId) => onChange({ speakerId })}
        />
      )}
    </div>
  );
}

interface PickerProps {
  label: string;
  icon: IconName;
  devices: DeviceInfo[];
  value: string;
  onChange: (id: string) => void;
}

/** A device that is not there any more stands for the browser's own choice. */
function Picker({ label, icon, devices, value, onChange }: PickerProps) {
  const named = devices.filter(({ deviceId }) => deviceId !== "default");
  const isThere = named.some(({ deviceId }) => deviceId === value);
  return (
    <label className="picker">
      <span>
        <Icon name={icon} /> {label}
      </span>
      <select
        value={isThere ? value : ""}
        disabled={named.length === 0}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">
          {devices.length === 0 ? `No ${label.toLowerCase()} to choose` : "Default"}
        </option>
        {named.map(({ deviceId, label: name }, i) => (
          <option key={deviceId} value={deviceId}>
            {name || `${label} ${i + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}
