import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    outDir: process.env.SOTTO_WEB_ROOT ?? "../../../build/web",
    emptyOutDir: true,
    // Everything comes from files: the page's policy allows no inline scripts and no data: URLs for code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
