import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadNetwork, type Network } from '../../src/index.ts';
import type { Cluster } from '../../src/k8s/cluster.ts';
import { formatAddress } from '../../src/net/address.ts';
import type { Question } from '../../src/query/question.ts';
import { resolveQuestion } from '../../src/trace/resolve-question.ts';
import { ask, askIn, networkOf } from '../tracing.ts';

/** A public name of the cluster's own controllers stands for the same addresses in a URL and with a port. */

const FOLDERS = ['http', 'cases', 'lint', 'faults'];
const FIXTURES = new URL('../../fixtures/', import.meta.url);

interface Asked {
  readonly network: Network;
  readonly from: string;
  readonly host: string;
}

/** Every name of a rule, a route or a listener; any one label in place of a wildcard. */
const hostsOf = ({ http }: Cluster): readonly string[] => {
  const all = [
    ...http.ingresses.flatMap((i) => i.rules.map((r) => r.host)),
    ...http.routes.flatMap((r) => r.hostnames),
    ...http.gateways.flatMap((g) => g.listeners.map((l) => l.hostname)),
  ];
  return [...new Set(all.flatMap((h) => (h === null ? [] : h.replace('*', 'any'))))];
};

const rows = FOLDERS.flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, FIXTURES)).flatMap((file): [string, Asked][] => {
    const name = `${folder}/${file}`;
    const loaded = loadNetwork([{ name, bytes: readFileSync(new URL(name, FIXTURES)) }]);
    if (!loaded.ok) return [];
    const { cluster } = loaded.value;
    const from = [...(cluster.gateway === null ? [] : ['internet']), ...cluster.pods.keys()].slice(0, 2);
    return hostsOf(cluster).flatMap((host) =>
      from.map((f): [string, Asked] => [`${name}: ${f} ${host}`, { network: loaded.value, from: f, host }]),
    );
  }),
);

/** The addresses and the port of each family's connection, or what is missing, or the error. */
function targets({ network, from }: Asked, destination: string): readonly string[] {
  const questions = resolveQuestion(network, { source: from, destination });
  if (!questions.ok) return [questions.message.replace(/^\S*?:/, '')];
  // Where no controller serves the name, only a URL knows that that is why there is no address.
  const missing = ({ target }: Question) => (target.missing === 'controller' ? 'name' : target.missing);
  return questions.value.map((q) => missing(q) ?? `${q.target.addresses.map(formatAddress).join(' ')} ${q.target.port}`);
}

describe('the same in a URL and with a port', () => {
  test('there are some', () => expect(rows.length).toBeGreaterThan(40));

  test.each(rows)('%s', (_, asked) => {
    expect(targets(asked, `${asked.host}:80`)).toEqual(targets(asked, `http://${asked.host}/`));
    expect(targets(asked, `${asked.host}:443`)).toEqual(targets(asked, `https://${asked.host}/`));
  });
});

describe('what it is taken for', () => {
  const FAULT = 'faults/past-the-load-balancer.yaml';

  test('is said, and the look-up has it', () => {
    const trace = ask(FAULT, 'internet', 'shop.example.com:80');
    expect(trace.destination).toMatchObject({ kind: 'Service', name: 'nginx', ip: '203.0.113.10', dnsName: 'shop.example.com' });
    const [hop] = trace.paths[0]?.forward.hops ?? [];
    expect(hop).toMatchObject({ kind: 'dns', evidence: 'assumed', answer: ['203.0.113.10'] });
    expect(trace.assumptions.map((a) => a.message)).toContain(
      'shop.example.com is taken to stand for 203.0.113.10, the load balancer of service ingress/nginx: its DNS record is not in the input',
    );
  });

  test.each([
    ['a name that no rule has', 'other.example.com:80', 'undetermined'],
    ['another port of the same name', 'shop.example.com:443', 'looped'],
    ['no port: the only one of its controller', 'shop.example.com', 'delivered'],
  ])('%s', (_, destination, outcome) => {
    expect(ask(FAULT, 'internet', destination).outcome).toBe(outcome);
  });

  test('without a port, of several ports of the controller the error lists them', () => {
    const text = readFileSync(new URL(FAULT, FIXTURES), 'utf8').replace(
      'ports: [{ port: 80, nodePort: 30080 }]',
      'ports: [{ name: http, port: 80, nodePort: 30080 }, { name: https, port: 443, nodePort: 30443 }]',
    );
    const network = networkOf(text);
    expect(() => askIn(network, 'internet', 'shop.example.com')).toThrow(
      /say which port; shop\.example\.com:80\/tcp or shop\.example\.com:443\/tcp/,
    );
    expect(askIn(network, 'internet', 'shop.example.com:https').destination).toMatchObject({ port: 443 });
  });

  test('a rule for all hosts makes no name its own', () => {
    const text = readFileSync(new URL(FAULT, FIXTURES), 'utf8').replace('host: shop.example.com', 'host: "*.example.com"');
    expect(askIn(networkOf(text), 'internet', 'any.example.com:80').outcome).toBe('delivered');
    const forAll = text.replace('- host: "*.example.com"\n        http:', '- http:');
    expect(askIn(networkOf(forAll), 'internet', 'any.example.com:80').outcome).toBe('undetermined');
  });
});
