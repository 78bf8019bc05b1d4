import { describe, expect, it } from 'vitest';
import type { Network, TraceDocument } from '../../../src/index.ts';
import { askIn, networkOf } from '../../tracing.ts';
import { E2E_WORLD, NAMES } from './e2e-world.ts';
import { SCENARIOS } from './scenarios.ts';

/** Some of the 48 scenarios as whole traces: a pod's own address, and a service in front of it, as Kubernetes' tests call. What policies say is what the path does. */
const SERVICES = NAMES.map((name, i) => {
  const [namespace, pod] = name.split('/');
  const ports = ['TCP', 'UDP'].flatMap((protocol) =>
    [80, 81].map(
      (port) => `{ name: p-${port}-${protocol.toLowerCase()}, port: ${port + 8000}, targetPort: ${port}, protocol: ${protocol} }`,
    ),
  );
  return `  - { name: s-${pod}, namespace: "${namespace}", clusterIP: 10.96.0.${i + 10}, selector: { pod: ${pod} }, ports: [ ${ports.join(', ')} ] }`;
});

const CHOSEN = ['E#2 ', 'E#17 ', 'E#28 ', 'E#36 '];

/** Delivered, or why not. */
function outcome(network: Network, source: string, destination: string, protocol: 'tcp' | 'udp', port: number): string {
  const trace: TraceDocument = askIn(network, source, destination, { protocol, port });
  const [path, ...more] = trace.paths;
  if (path === undefined || more.length > 0) return `${trace.paths.length} paths`;
  return path.reason?.code ?? path.outcome;
}

describe.each(SCENARIOS.filter((s) => CHOSEN.some((c) => s.title.startsWith(c))).map((s) => [s.title, s] as const))(
  '%s',
  (_, { policies, allows }) => {
    const network = networkOf([`${E2E_WORLD}services:\n${SERVICES.join('\n')}\n`, ...policies].join('\n---\n'));
    const asked = NAMES.flatMap((from) =>
      NAMES.filter((to) => to !== from).flatMap((to) =>
        (['tcp', 'udp'] as const).flatMap((protocol) => [80, 81].map((port) => ({ from, to, protocol, port }))),
      ),
    );

    it.each([
      ['by its address', (to: string) => to, 0],
      ['by a service', (to: string) => `s-${to.split('/').reverse().join('.')}`, 8000],
    ])('%s', (_how, name, shift) => {
      const wrong = asked.flatMap((question) => {
        const { from, to, protocol, port } = question;
        const is = outcome(network, from, name(to), protocol, port + shift);
        const expected = allows(question) ? 'delivered' : 'POLICY_DEFAULT_DENY';
        return is === expected ? [] : [`${from} > ${to} ${protocol} ${port}: ${is}, not ${expected}`];
      });
      expect(wrong).toEqual([]);
    });
  },
);

it('all that are named are there', () => {
  expect(CHOSEN.filter((c) => !SCENARIOS.some((s) => s.title.startsWith(c)))).toEqual([]);
});
