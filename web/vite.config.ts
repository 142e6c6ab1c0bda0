/**
 * Build of the page: hashed assets into `dist/`, nothing inlined, so that the server's
 * `default-src 'self'` holds without exceptions. In development `/api` and `/healthz` go to a
 * server on this machine (JINGWEI_SERVER, else 127.0.0.1:8080).
 */
import { defineConfig } from "vite";

const server = {
  target: process.env["JINGWEI_SERVER"] ?? "http://127.0.0.1:8080",
  changeOrigin: false, // the server takes changes only from its own address: it must see the one the browser sees
};

export default defineConfig({
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // a data: address would be refused by the content security policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { host: "127.0.0.1", proxy: { "/api": server, "/healthz": server } },
});
