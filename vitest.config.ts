import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { vitePageScript } from './build/page-script.mjs';

const demanding = process.env['K8S_TRACE_REQUIRE_KERNEL'] === '1';

export default defineConfig({
  plugins: [vitePageScript],
  test: {
    include: ['test/**/*.test.ts'],
    // Files keep what they find, which is theirs: to load the program again for each of them took a third of the time.
    isolate: false,
    maxWorkers: availableParallelism(),
    // Nothing here waits for time to pass; a busy machine is no reason to fail.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: demanding ? ['default', './test/no-skips.ts'] : ['default'],
    coverage: { include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
