// The core's module of the format "livekit". Only meetings in that format load it: it is a file of its own.

export { scalar, simd } from "virtual:livekit-wasm";
