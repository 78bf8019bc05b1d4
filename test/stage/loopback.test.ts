import { expect, test } from 'vitest';
import { ask, crossings } from '../tracing.ts';

/** The kernel does the same, but sends from a link-local address, which the model has none of: so it is no row of test/kernel. */
test('::1 that comes in by a link is dropped above the bridge, although its PREROUTING let it pass', () => {
  const { paths } = ask('kernel/ipv6-lo-down.yaml', 'app@pod-b', 'sidecar@pod-b');
  expect(paths.map((p) => [p.reason?.code, p.client, p.reply])).toEqual([['MARTIAN_ADDRESS', 'time-out', null]]);
  expect(crossings(paths[0]?.forward ?? null).at(-1)).toBe('node-1 cni0 in fd00:10:244:1::11 > ::1');
});
