declare module "@sotto/e2ee/worker?url" {
  const url: string;
  export default url;
}
