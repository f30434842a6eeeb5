import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Tests run the packages' sources: their condition stands before vite's own. */
const fromSource = {
  resolve: { conditions: ['@stack/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@stack/source', ...defaultServerConditions] } },
};

const project = (name: string, include: string[], exclude: string[]): TestProjectInlineConfiguration => ({
  ...fromSource,
  test: { name, include, exclude: ['**/node_modules/**', ...exclude], testTimeout: 30_000 },
});

/** `unit` needs nothing but Node. `linux` needs root, /dev/net/tun and some programs: `npm run test:linux`. `timing` needs a quiet machine besides. */
export default defineConfig({
  test: {
    reporters: ['default', './scripts/vitest-reporter.ts'],
    projects: [
      project(
        'unit',
        ['{packages/*,examples}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
        ['**/*.{linux,timing}.test.ts'],
      ),
      project('linux', ['packages/*/*/test/**/*.linux.test.ts'], []),
      project('timing', ['packages/*/*/test/**/*.timing.test.ts'], []),
    ],
  },
});
