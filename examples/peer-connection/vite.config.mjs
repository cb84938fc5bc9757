import { defineConfig } from "vite";

export default defineConfig({
  root: "web",
  build: {
    target: "es2022",
    outDir: "../dist",
    emptyOutDir: true,
    // The page's policy allows no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
});
