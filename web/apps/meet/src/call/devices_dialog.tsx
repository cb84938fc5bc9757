// Other devices in mid-call.

import { useMeeting } from "@sotto/react-sdk";

import { LevelMeter } from "../devices/level_meter";
import { Pickers } from "../devices/pickers";
import { useDevices } from "../devices/use_devices";
import type { ChangeSettings, Settings } from "../settings";
import { Dialog } from "../ui/dialog";
import type { Notify } from "../ui/notices";
import { useTakeDevice } from "./use_take_device";

interface DevicesDialogProps {
  settings: Settings;
  onSettings: ChangeSettings;
  notify: Notify;
  onClose: () => void;
}

export function DevicesDialog({ settings, onSettings, notify, onClose }: DevicesDialogProps) {
  const call = useMeeting();
  const takeDevice = useTakeDevice(notify);
  const { selectedCameraDevice, selectedMicrophoneDevice, localMicOn } = call;
  const devices = useDevices(selectedCameraDevice, selectedMicrophoneDevice);
  const microphone = localMicOn ? call.localParticipant?.stream("audio")?.track : undefined;

  const change: ChangeSettings = (part) => {
    onSettings(part);
    const { cameraId, microphoneId } = part;
    if (cameraId !== undefined && selectedCameraDevice) takeDevice("camera", cameraId);
    if (microphoneId !== undefined && selectedMicrophoneDevice)
      takeDevice("microphone", microphoneId);
  };
  return (
    <Dialog title="Devices" onClose={onClose}>
      <Pickers
        devices={devices}
        settings={settings}
        onChange={change}
        meter={<LevelMeter track={microphone} />}
      />
      <p className="quiet">What is off stays off until you start it.</p>
    </Dialog>
  );
}
