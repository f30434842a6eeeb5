import { defineConfig } from 'vitest/config';
import { defaultClientConditions, defaultServerConditions } from 'vite';

/** Tests run the packages' sources: the condition stands before vite's own. */
export default defineConfig({
  resolve: { conditions: ['@stack/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@stack/source', ...defaultServerConditions] } },
  test: {
    include: ['packages/*/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.linux.test.ts'],
  },
});
