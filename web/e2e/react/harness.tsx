// What the page of react_page.ts shows, with @sotto/react-sdk as an app would use it, in StrictMode.
// Tests drive it by `harness` and read there what callbacks said and how often components rendered.

import * as sdk from "@sotto/js-sdk";
import * as react from "@sotto/react-sdk";
import { StrictMode, useEffect, useState, version } from "react";
import { createRoot } from "react-dom/client";

export interface ProviderSettings extends Omit<react.MeetingProviderProps, "children"> {
  key?: string;
  /** Also components that read one thing each and count their renderings. */
  hasProbes?: boolean;
  /** Joins in an effect that leaves when it is taken back, as apps do. */
  joinsInEffect?: boolean;
}

const told: string[] = [];
const renders: Record<string, number> = {};
let show: (settings: ProviderSettings | null) => Promise<void>;
let render: () => Promise<void>;

/** A stream of the app's own: a colour, a tone or both. */
function synthesise({ colour, tone }: { colour?: string; tone?: number }): MediaStream {
  const stream = new MediaStream();
  if (colour) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    context.fillStyle = colour;
    setInterval(() => context.fillRect(0, 0, canvas.width, canvas.height), 50);
    for (const track of canvas.captureStream(20).getTracks()) stream.addTrack(track);
  }
  if (tone) {
    const context = new AudioContext();
    const destination = context.createMediaStreamDestination();
    const oscillator = new OscillatorNode(context, { frequency: tone });
    oscillator.connect(destination);
    oscillator.start();
    for (const track of destination.stream.getTracks()) stream.addTrack(track);
  }
  return stream;
}

export const harness = {
  reactVersion: version,
  sdk,
  react,
  synthesise,
  /** The callbacks so far: name and arguments in a few words. */
  told,
  renders,
  /** What useMeeting returned last. */
  meeting: undefined as unknown as react.UseMeeting,
  media: undefined as unknown as react.UseMediaDevice,
  /** What useParticipant returned last, by id. */
  participants: {} as Record<string, react.UseParticipant>,
  /** Of the tests: what lives from one evaluation to the next. */
  kept: {} as Record<string, unknown>,
  keys: undefined as unknown as react.ExternalE2EEKeyProvider,
  /** Renders everything once more. */
  render: () => render(),
  /** Shows one provider, or none; resolves when effects have run. */
  show: (settings: ProviderSettings | null) => show(settings),
};

export type Harness = typeof harness;

function words(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Map) return [...value.keys()].join(",");
  const fields = value as Record<string, unknown>;
  if ("displayName" in fields) return `${fields.id}=${fields.displayName}`;
  if ("track" in fields) return String(fields.kind);
  return Object.entries(fields)
    .filter(([name]) => !["message", "count", "since", "kid", "devices"].includes(name))
    .map(([, field]) => String(field))
    .join(" ");
}

function record(who: string, names: string[]) {
  const recorder = (name: string) => [
    name,
    (...values: unknown[]) => void told.push([who, name, ...values.map(words)].join(" ").trim()),
  ];
  return Object.fromEntries(names.map(recorder)) as object;
}

const meetingCallbacks: react.MeetingCallbacks = record("", [
  "onMeetingJoined",
  "onMeetingLeft",
  "onMeetingStateChanged",
  "onParticipantJoined",
  "onParticipantLeft",
  "onSpeakerChanged",
  "onPresenterChanged",
  "onEntryResponded",
  "onError",
]);

const participantCallbackNames = [
  "onStreamEnabled",
  "onStreamDisabled",
  "onMediaStatusChanged",
  "onE2EEStateChanged",
];

function count(name: string): void {
  renders[name] = (renders[name] ?? 0) + 1;
}

function Call({ joinsInEffect = false }: { joinsInEffect?: boolean | undefined }) {
  const meeting = react.useMeeting(meetingCallbacks);
  const media = react.useMediaDevice(record("", ["onDeviceChanged"]));
  const { join, leave } = meeting;
  useEffect(() => Object.assign(harness, { meeting, media }) && undefined);
  useEffect(() => {
    if (!joinsInEffect) return;
    void join();
    return () => void leave();
  }, [joinsInEffect, join, leave]);
  return [...meeting.participants.keys()].map((id) => <Tiles key={id} id={id} />);
}

function Tiles({ id }: { id: string }) {
  const participant = react.useParticipant(id, record(id, participantCallbackNames));
  useEffect(() => void (harness.participants[id] = participant));
  return (
    <div data-id={id} data-name={participant.displayName}>
      <react.VideoPlayer participantId={id} />
      <react.AudioPlayer
        participantId={id}
        onBlocked={(isBlocked) => told.push(`${id} onBlocked ${isBlocked}`)}
      />
      <react.VideoPlayer participantId={id} type="share" />
      <react.AudioPlayer participantId={id} type="shareAudio" />
    </div>
  );
}

function MicrophoneProbe() {
  const { localMicOn } = react.useMeeting();
  count("microphone");
  return <output data-probe="microphone">{String(localMicOn)}</output>;
}

function PeopleProbe() {
  const { participants } = react.useMeeting();
  count("people");
  return <output data-probe="people">{[...participants.keys()].join(" ")}</output>;
}

function BobProbe() {
  const { webcamOn, micOn, displayName } = react.useParticipant("bob");
  count("bob");
  return <output data-probe="bob">{[displayName, webcamOn, micOn].join(" ")}</output>;
}

function ConsumerProbe() {
  return (
    <react.MeetingConsumer>
      {({ isMeetingJoined, e2eeEnabled }) => {
        count("consumer");
        return (
          <output data-probe="consumer">{[isMeetingJoined, e2eeEnabled].join(" ")}</output>
        );
      }}
    </react.MeetingConsumer>
  );
}

function Probes() {
  return (
    <>
      <MicrophoneProbe />
      <PeopleProbe />
      <BobProbe />
      <ConsumerProbe />
    </>
  );
}

interface Shown {
  settings: ProviderSettings | null;
  done: () => void;
}

function App() {
  const [{ settings, done }, setShown] = useState<Shown>({ settings: null, done: () => {} });
  useEffect(() => {
    show = (next) => new Promise((resolve) => setShown({ settings: next, done: resolve }));
    render = () => new Promise((resolve) => setShown((now) => ({ ...now, done: resolve })));
    Object.assign(globalThis, { harness });
  }, []);
  useEffect(() => done(), [done]);
  if (!settings) return <p>Nothing is shown.</p>;
  const { key, hasProbes, joinsInEffect, ...provider } = settings;
  return (
    <react.MeetingProvider key={key} {...provider}>
      <Call joinsInEffect={joinsInEffect} />
      {hasProbes && <Probes />}
    </react.MeetingProvider>
  );
}

const root = document.body.appendChild(document.createElement("div"));
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
