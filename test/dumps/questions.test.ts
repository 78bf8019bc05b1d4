import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Network, traceRequest } from '../../src/index.ts';
import { isThere, key } from '../../src/k8s/pod.ts';
import { areThere, DUMPS, jsonOf, MISSING, networkOf } from './reading.ts';

/** Questions about real dumps, with answers that follow from the data or that a real kernel gave. Those about policies are not asked here. */

const questions = z.array(
  z.object({
    id: z.string(),
    dump: z.string(),
    src: z.string(),
    dst: z.string(),
    verdict: z.string(),
    backends: z.array(z.string()).optional(),
  }),
);
type Question = z.output<typeof questions>[number];

/** Of a dump with several clusters the one that is meant. */
const PARTS: Readonly<Record<string, string>> = {
  '[results-0.9]': 'results-0.9',
  '[results-quick]': 'results-quick-no-failures',
  '[testResultsOutput]': 'testResultsOutput',
  '[healthsummary]': 'healthsummary',
};

const ASKED = ['DELIVER_POD', 'DELIVER_NODE', 'REJECT', 'NO_USABLE_ENDPOINTS'];
const DUMPS_ASKED = ['kube-router-dualstack', 'minikube-1.35', 'sonobuoy', 'troubleshoot-bundle'];

/** Answers that are otherwise, and why. The endpoints are as they are given. */
const UNDETERMINED: Readonly<Record<string, string>> = {
  'kube-router-dualstack#01':
    'the dump has a NetworkPolicy that lets in one pod, which is not there, and one address; policies are not followed',
};

/** `any pod` is one with a network of its own; what comes from outside comes from a node here, for no dump says what is beyond the nodes. */
function sourceOf({ cluster }: Network, { src, backends = [] }: Question): string {
  if (!src.includes('external')) {
    const others = [...cluster.pods.values()].filter((p) => isThere(p) && !p.hostNetwork && p.node !== null);
    const pod = others.find((p) => !p.ips.some((i) => backends.some((b) => b.startsWith(String(i.address)))));
    if (pod === undefined) throw new Error('the dump has no pod');
    return key(pod);
  }
  const [node] = cluster.nodes.keys();
  return `node/${node}`;
}

/** `udp 10.96.0.10:53` as it is typed. */
function destinationOf({ dst }: Question): string {
  const [, protocol, address] = /^(tcp|udp) (\S+)/.exec(dst) ?? [];
  return `${address}/${protocol}`;
}

function ask(network: Network, question: Question) {
  const answer = traceRequest(network, { source: sourceOf(network, question), destination: destinationOf(question) });
  if (!answer.ok) throw new Error(answer.message);
  return answer.trace;
}

if (!areThere) test.skip(MISSING, () => {});

describe.skipIf(!areThere)('questions about dumps', () => {
  const networks = new Map<string, Network>();
  const of = (dump: string) => {
    const known = networks.get(dump) ?? networkOf(dump);
    networks.set(dump, known);
    return known;
  };
  const rows = (areThere ? readdirSync(DUMPS) : [])
    .filter((d) => DUMPS_ASKED.includes(d) && existsSync(join(DUMPS, d, 'questions.json')))
    .flatMap((d) => questions.parse(jsonOf(d, 'questions.json')))
    .filter((q) => ASKED.includes(q.verdict));

  test.each(rows)('$id: $src to $dst', (question) => {
    const part = PARTS[question.src.split(' ')[0] ?? ''];
    const trace = ask(of(part === undefined ? question.dump : `${question.dump}/${part}`), question);
    if (question.verdict.startsWith('DELIVER')) {
      const isOpen = UNDETERMINED[question.id] === undefined;
      expect([trace.outcome, isOpen ? (trace.reason?.message ?? null) : trace.reason?.code]).toEqual(
        isOpen ? ['delivered', null] : ['undetermined', 'FACT_MISSING'],
      );
      const reached = new Set(trace.paths.map((p) => `${p.endpoint?.ip}:${p.endpoint?.port}`));
      const wanted = (question.backends ?? []).map((b) => (b.includes(':') ? b : `${b}:${trace.paths[0]?.endpoint?.port}`));
      expect([...reached].sort()).toEqual(wanted.sort());
    } else {
      expect(trace.outcome).toBe('rejected');
      expect(trace.reason?.code).toMatch(/^NO_(READY_)?ENDPOINTS$/);
    }
  });

  test('a pod that has ended is not there, by its name and by its address', () => {
    const network = of('sonobuoy/healthsummary');
    const source = [...network.cluster.pods.values()].find((p) => isThere(p) && !p.hostNetwork);
    const ended = [...network.cluster.pods.values()].find((p) => !isThere(p));
    if (source === undefined || ended === undefined) throw new Error('the dump has both');
    const byName = traceRequest(network, { source: key(source), destination: key(ended) });
    expect(byName.ok && byName.trace.reason?.code).toBe('POD_NOT_RUNNING');
    const byAddress = traceRequest(network, { source: key(source), destination: '10.244.2.2' });
    expect(byAddress.ok && byAddress.trace.outcome).not.toBe('delivered');
  });

  test('of a redacted dump names and ports are followed, and it is said', () => {
    const answer = traceRequest(of('kurl-weave-sbctl'), { source: 'velero/deploy/velero', destination: 'minio/svc/minio' });
    if (!answer.ok) throw new Error(answer.message);
    expect(answer.trace.outcome).toBe('delivered');
    expect(answer.trace.paths.map((p) => [p.endpoint?.pod, p.endpoint?.port])).toEqual([['minio/minio-7b45cd544d-2gwml', 9000]]);
    expect(answer.trace.assumptions[0]?.message).toContain('***HIDDEN***');
    expect([...of('kurl-weave-sbctl').cluster.nodes.keys()].every((n) => n.startsWith('troubleshoot-demo-'))).toBe(true);
  });
});
