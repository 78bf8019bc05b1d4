import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { formatEndpoint } from '../../src/net/address.ts';
import { areThere, DUMPS, jsonOf, MISSING, networkOf } from './reading.ts';

/** The endpoints of every service port of real clusters: the ones that their own EndpointSlices or Endpoints have, else selected and ready pods. */
const DUMPS_WITH_SERVICES = [
  'kube-router-dualstack',
  'kurl-weave-sbctl',
  'minikube-1.35',
  'troubleshoot-bundle',
  'sonobuoy/results-0.9',
  'sonobuoy/results-0.10',
  'sonobuoy/results-quick-no-failures',
  'sonobuoy/testResultsOutput',
];

/** Rows whose answer is another one, and why. */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  // The pods have no conditions at all, so that nothing says that they are not ready; a question about the same dump has them as backends. Both
  // families are the service's.
  'kube-router-dualstack default/whoami 5000/TCP': [
    '10.242.0.5:5000',
    '10.242.1.4:5000',
    '[2001:db8:42:1000::5]:5000',
    '[2001:db8:42:1001::4]:5000',
  ],
};

const rows = z.array(
  z.object({
    service: z.string(),
    portName: z.string().nullish(),
    port: z.number(),
    protocol: z.string(),
    verdict: z.string(),
    backends: z.array(z.object({ ip: z.string(), port: z.union([z.number(), z.string()]).nullish(), pod: z.string().nullish() })),
  }),
);

if (!areThere) test.skip(MISSING, () => {});

describe.skipIf(!areThere)('endpoints of dumps', () => {
  const dumps = DUMPS_WITH_SERVICES.filter((d) => existsSync(join(DUMPS, d, 'expected-services.json')));
  describe.each(dumps)('%s', (dump) => {
    const { cluster } = networkOf(dump);
    test.each(rows.parse(jsonOf(dump, 'expected-services.json')))('$service $port/$protocol', (row) => {
      const service = cluster.services.get(row.service);
      const port = service?.ports.find((p) => p.port === row.port && p.protocol === row.protocol.toLowerCase());
      const ready = (port?.endpoints ?? []).filter((e) => e.ready);
      const isRedacted = row.backends.some((b) => b.ip.includes('*'));
      // Of several redacted addresses the expected list has one.
      const addresses = new Set(ready.map((e) => (isRedacted ? `***HIDDEN***:${e.port}` : formatEndpoint(e.ip, e.port))));
      const shown = [...addresses].sort();
      const expected = OTHERWISE[`${dump} ${row.service} ${row.port}/${row.protocol}`] ?? row.backends.map((b) => `${b.ip}:${b.port}`);
      expect(shown).toEqual([...expected].sort());
    });
  });
});
