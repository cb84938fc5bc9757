// What the others will see, mirrored as people know themselves, with a switch for each device.

import { useEffect, useRef } from "react";

import { Icon, type IconName } from "../ui/icons";
import type { DeviceChoice } from "./use_device";

interface PreviewProps {
  camera: DeviceChoice;
  microphone: DeviceChoice;
}

export function Preview({ camera, microphone }: PreviewProps) {
  const { track } = camera;
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  const isAlone = !camera.track && !microphone.track && !camera.isOpening && !microphone.isOpening;
  return (
    <section className="preview-box" aria-label="Preview">
      <div className="preview">
        <video ref={video} autoPlay playsInline muted aria-label="Your camera" hidden={!track} />
        {!track && (
          <p>
            <Icon name="cameraOff" />
            {camera.isOpening ? "Starting the camera…" : "Your camera is off"}
          </p>
        )}
        <div className="preview-switches">
          <Switch label="Microphone" icons={["mic", "micOff"]} device={microphone} />
          <Switch label="Camera" icons={["camera", "cameraOff"]} device={camera} />
        </div>
      </div>
      <div role="status" className="problems">
        {[camera.error, microphone.error].map(
          (error) =>
            error !== undefined && (
              <p key={error} className="problem">
                <Icon name="warning" />
                {error}
              </p>
            ),
        )}
        {isAlone && (camera.error ?? microphone.error) !== undefined && (
          <p className="quiet">You can join all the same, and see and hear the others.</p>
        )}
      </div>
    </section>
  );
}

function Switch(props: { label: string; icons: [IconName, IconName]; device: DeviceChoice }) {
  const { label, icons, device } = props;
  const words = device.isOpening ? "starting…" : device.isOn ? "on" : "off";
  return (
    <button
      type="button"
      className="switch"
      aria-pressed={device.isOn}
      data-failed={device.error !== undefined}
      onClick={device.toggle}
    >
      <Icon name={icons[device.isOn ? 0 : 1]} />
      {label} {words}
    </button>
  );
}
