import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running server. */
const api = process.env.COUNTERFOIL_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('src', import.meta.url)) } },
  build: {
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'kit', test: /node_modules\/(@mantine|@floating-ui|react-)/ },
            { name: 'graphql', test: /node_modules\/(@urql|urql|wonka|graphql|graphql-ws|@0no-co)\// },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/graphql': { target: api, ws: true },
      '/auth': api,
      '/export': api,
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test-setup.ts'],
    restoreMocks: true,
    testTimeout: 60_000,
    pool: 'threads',
    isolate: false, // a window for each file takes longer than its tests
  },
});
