// Made by the build: the bundled worker, and the C core for it.
declare module "virtual:worker-text" {
  const text: string;
  export default text;
}
declare module "virtual:core-wasm" {
  /** Base64. */
  export const simd: string;
  export const scalar: string;
}
declare module "virtual:livekit-wasm" {
  export const simd: string;
  export const scalar: string;
}
