// Devices as VideoSDK describes them.

export class DeviceInfo {
  readonly deviceId: string;
  readonly groupId: string;
  readonly kind: MediaDeviceKind;
  readonly label: string;

  constructor({ deviceId, groupId, kind, label }: Omit<MediaDeviceInfo, "toJSON">) {
    this.deviceId = deviceId;
    this.groupId = groupId;
    this.kind = kind;
    this.label = label;
  }
}

export class CameraDeviceInfo extends DeviceInfo {}
export class MicrophoneDeviceInfo extends DeviceInfo {}
export class PlaybackDeviceInfo extends DeviceInfo {}

export function describe(device: MediaDeviceInfo): DeviceInfo {
  switch (device.kind) {
    case "videoinput":
      return new CameraDeviceInfo(device);
    case "audioinput":
      return new MicrophoneDeviceInfo(device);
    case "audiooutput":
      return new PlaybackDeviceInfo(device);
  }
}
