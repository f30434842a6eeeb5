import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@stack/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@stack/source', ...defaultServerConditions] } },
  test: {
    include: ['packages/tools/testing/test/violations/{hooks,congestion,drivers,protocols,qdiscs}.ts'],
    testTimeout: 30_000,
  },
});
