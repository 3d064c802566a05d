/** Builds the page into web/dist, which the server sends. "npm run dev:web" serves it while you change it. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const server = 'http://localhost:4000';
const proxy = { '/graphql': server, '/auth': server, '/files': server, '/deps': { target: server, ws: true } };

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  esbuild: { jsx: 'automatic' },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' },
  server: { port: 5173, strictPort: true, proxy },
});
