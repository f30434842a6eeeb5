import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@stack/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@stack/source', ...defaultServerConditions] } },
  test: {
    include: [
      'packages/tools/testing/test/violations/{hooks,congestion,drivers,neighbours,packet-types,protocols,qdiscs,queues,readers,tracers}.ts',
    ],
    testTimeout: 30_000,
  },
});
