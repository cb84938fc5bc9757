// Cameras for pictures that people look at: a drawn person in a room instead of test bars. They run inside of
// pages, and each function stands alone: it is sent there as text.

import type { Person } from "./person.ts";

export interface Portrait {
  /** Colours of the wall, the shirt, the hair and the skin. */
  wall: [string, string];
  shirt: string;
  hair: string;
  skin: string;
  hasLongHair: boolean;
}

const LOOKS: Portrait[] = [
  ["#d9c7ae", "#a98a68", "#2f6f73", "#3b2a20", "#e3b08d", true],
  ["#a9bccb", "#6f8aa3", "#c8553d", "#1d1b1a", "#8d5a3c", false],
  ["#c8cfb2", "#8f9c74", "#3d405b", "#8a5a2b", "#f0c8a6", true],
  ["#d8b4b0", "#a4716d", "#f2e8cf", "#241c1a", "#c98f68", false],
  ["#b8b5d1", "#7d79a3", "#2a6041", "#d6a85b", "#f3d0b3", true],
  ["#cfd4d8", "#8e989f", "#7b2d43", "#4a4a4a", "#d9a67f", false],
  ["#e2cfa0", "#b3955a", "#27496d", "#2b1b12", "#6f4529", true],
  ["#b7d1cb", "#739b92", "#e0a458", "#5c2e1f", "#eebf9c", true],
  ["#d7c2c9", "#9c7f8a", "#3f5f45", "#54371f", "#e8b893", false],
].map(([light, dark, shirt, hair, skin, hasLongHair]) => ({
  wall: [light, dark] as [string, string],
  shirt: shirt as string,
  hair: hair as string,
  skin: skin as string,
  hasLongHair: hasLongHair as boolean,
}));

export function portraitOf(index: number): Portrait {
  return LOOKS[index % LOOKS.length] as Portrait;
}

/** In a page: `drawCamera` makes a track of a portrait, or else of a slide; `makeSound` one of a tone. */
export function installPortraits(): void {
  const drawPerson = (
    context: CanvasRenderingContext2D,
    { wall, shirt, hair, skin, hasLongHair }: Portrait,
    time: number,
  ) => {
    const { width: w, height: h } = context.canvas;
    const room = context.createLinearGradient(0, 0, w, h);
    room.addColorStop(0, wall[0]);
    room.addColorStop(1, wall[1]);
    context.fillStyle = room;
    context.fillRect(0, 0, w, h);
    context.fillStyle = "rgb(255 255 255 / 28%)";
    for (const x of [0.08, 0.19]) context.fillRect(w * x, h * 0.1, w * 0.095, h * 0.42);
    context.fillStyle = "rgb(0 0 0 / 14%)";
    context.fillRect(w * 0.76, h * 0.34, w * 0.2, h * 0.025);
    for (const [i, height] of [0.16, 0.2, 0.13, 0.18].entries())
      context.fillRect(w * (0.775 + i * 0.03), h * (0.34 - height), w * 0.022, h * height);

    const sway = Math.sin(time / 900) * h * 0.008;
    const [x, y] = [w / 2 + sway, h * 0.43 + Math.sin(time / 1300) * h * 0.004];
    const ellipse = (cx: number, cy: number, rx: number, ry: number, colour: string) => {
      context.fillStyle = colour;
      context.beginPath();
      context.ellipse(cx, cy, rx, ry, 0, 0, 2 * Math.PI);
      context.fill();
    };
    const r = h * 0.155;
    if (hasLongHair) {
      context.fillStyle = hair;
      context.beginPath();
      context.roundRect(x - r * 1.22, y - r * 0.6, r * 2.44, r * 2.9, r * 0.9);
      context.fill();
    }
    context.fillStyle = skin;
    context.beginPath();
    context.roundRect(x - r * 0.42, y + r * 0.6, r * 0.84, r * 1.4, r * 0.3);
    context.fill();
    ellipse(w / 2, h * 1.06, h * 0.42, h * 0.37, shirt);
    ellipse(x, y + r * 1.66, r * 0.5, r * 0.28, skin);
    ellipse(x, y - r * 0.22, r * 1.16, r * 1.2, hair);
    ellipse(x, y + r * 0.12, r * 0.94, r * 1.14, skin);
    context.fillStyle = hair;
    context.beginPath();
    context.ellipse(x, y - r * 0.62, r * 1.02, r * 0.62, -0.12, Math.PI, 2.1 * Math.PI);
    context.fill();
    const isBlinking = time % 4200 < 140;
    for (const side of [-1, 1]) {
      ellipse(x + side * r * 0.36, y + r * 0.1, r * 0.085, isBlinking ? 1 : r * 0.11, "#2a1f1a");
      context.fillStyle = hair;
      context.fillRect(x + side * r * 0.36 - r * 0.19, y - r * 0.16, r * 0.38, r * 0.07);
    }
    context.strokeStyle = "rgb(110 40 35 / 75%)";
    context.lineWidth = r * 0.075;
    context.lineCap = "round";
    context.beginPath();
    context.arc(x, y + r * 0.42, r * 0.32, 0.25 * Math.PI, 0.75 * Math.PI);
    context.stroke();
  };

  const drawSlide = (context: CanvasRenderingContext2D, time: number) => {
    const { width: w, height: h } = context.canvas;
    context.fillStyle = "#fdfcf9";
    context.fillRect(0, 0, w, h);
    context.fillStyle = "#17684f";
    context.fillRect(0, 0, w * 0.018, h);
    context.fillStyle = "#14201b";
    context.font = `700 ${h * 0.075}px sans-serif`;
    context.fillText("Plan for spring", w * 0.08, h * 0.18);
    context.fillStyle = "#52615a";
    context.font = `${h * 0.042}px sans-serif`;
    for (const [i, line] of ["Visits per week", "Open requests", "Time to answer"].entries()) {
      context.fillStyle = "#52615a";
      context.fillText(line, w * 0.08, h * (0.35 + i * 0.19));
      context.fillStyle = "#dfe8e3";
      context.fillRect(w * 0.08, h * (0.38 + i * 0.19), w * 0.84, h * 0.06);
      context.fillStyle = ["#17684f", "#45618c", "#c8553d"][i] ?? "#17684f";
      const share = [0.72, 0.48, 0.31][i] ?? 0.5;
      context.fillRect(w * 0.08, h * (0.38 + i * 0.19), w * 0.84 * share, h * 0.06);
    }
    // A picture that never changes is sent so seldom that who comes late waits for it.
    context.fillStyle = `rgb(23 104 79 / ${30 + (time % 1000) / 50}%)`;
    context.fillRect(w * 0.97, h * 0.95, w * 0.01, h * 0.01);
  };

  Object.assign(window, {
    drawCamera(portrait: Portrait | null, width = 640, height = 360, rate = 10): MediaStreamTrack {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      const draw = () =>
        portrait
          ? drawPerson(context, portrait, performance.now())
          : drawSlide(context, performance.now());
      draw();
      // For as long as the page is there: a copy of the track goes on after the track itself.
      setInterval(draw, 1000 / rate);
      return canvas.captureStream(rate).getVideoTracks()[0] as MediaStreamTrack;
    },
    makeSound(volume: number): MediaStreamTrack {
      const context = new AudioContext();
      const oscillator = context.createOscillator();
      const gain = new GainNode(context, { gain: volume });
      const output = context.createMediaStreamDestination();
      oscillator.connect(gain).connect(output);
      oscillator.start();
      return output.stream.getAudioTracks()[0] as MediaStreamTrack;
    },
  });
}

declare global {
  var makeSound: (volume: number) => MediaStreamTrack;
  var drawCamera: (
    portrait: Portrait | null,
    width?: number,
    height?: number,
    rate?: number,
  ) => MediaStreamTrack;
}

/** The camera of somebody's pages is this portrait from now on, and the microphone the tone or silence. */
export async function giveDrawnCamera(
  person: Person,
  index: number,
  isSilent = false,
): Promise<void> {
  await person.context.addInitScript(installPortraits);
  const setup = { portrait: portraitOf(index), isSilent };
  await person.context.addInitScript(({ portrait, isSilent: silent }) => {
    const devices = navigator.mediaDevices;
    const getUserMedia = devices?.getUserMedia.bind(devices);
    if (!getUserMedia) return;
    devices.getUserMedia = async (constraints = {}) => {
      const stream = await getUserMedia(constraints);
      const own = constraints.video ? drawCamera(portrait, 1280, 720, 12) : silent && makeSound(0);
      if (!own) return stream;
      for (const track of stream.getTracks()) track.stop();
      return new MediaStream([own]);
    };
  }, setup);
}
