import { defineConfig } from 'vitest/config';
import { vitePageScript } from './build/page-script.mjs';

/** Random clusters against the real kernel: `npm run test:kernel`. Apart from the others, because it takes minutes and network namespaces. */
export default defineConfig({
  plugins: [vitePageScript],
  test: {
    include: ['test/kernel-lab/**/*.kernel.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    // A lab mostly waits, and labs cannot meet: two files at once, also where there are two processors only.
    maxWorkers: 2,
    // A busy machine may hand a packet over too late. The clusters are the same again: a model that is wrong is wrong twice, and what took two is reported so.
    retry: 1,
    reporters: process.env['K8S_TRACE_REQUIRE_KERNEL'] === '1' ? ['verbose', './test/no-skips.ts'] : ['verbose'],
  },
});
