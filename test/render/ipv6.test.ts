import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FORMATS, render, type TraceDocument } from '../../src/index.ts';
import { run } from '../cli/fake-io.ts';
import { asIpv6 } from './ipv6.ts';
import { TRACES, tracesOf } from './traces.ts';

const wordsOf = ({ outcome, reason, paths, alsoBlockedBy, assumptions }: TraceDocument) => ({
  outcome,
  reason: reason === null ? null : [reason.code, reason.message, ...reason.fix],
  hops: paths
    .flatMap((p) => [p.forward, p.reply, p.ack, p.data])
    .map((w) => (w?.hops ?? []).map((h) => `${h.netns} ${h.kind}: ${h.text.replaceAll(/KUBE-SEP-\w+/g, 'KUBE-SEP')}`)),
  also: alsoBlockedBy.map((r) => r.message),
  assumptions: assumptions.map((a) => a.message),
});

/** Where the kernel takes other steps: what it does there is not what these words are about. */
const OTHER_STEPS: Readonly<Record<string, string>> = {
  'a blackhole': 'br_nf_pre_routing_finish_ipv6 drops on the bridge what no route takes',
  'no forwarding': 'ip6_forward comes after the route',
  'an unreachable route': 'ip6_pkt_discard tells others that there is no route',
};

describe('an IPv6 cluster is told of in the same words, with its own addresses', () => {
  test.each(Object.keys(TRACES))('%s', (name) => {
    const expected = JSON.parse(asIpv6(JSON.stringify(wordsOf(tracesOf(name)))));
    const { hops, ...rest } = wordsOf(tracesOf(name, 'IPv6'));
    expect(rest).toEqual({ ...expected, hops: undefined });
    if (OTHER_STEPS[name] === undefined) expect(hops).toEqual(expected.hops);
  });
});

/** An address and a port joined without brackets: no port of these traces is the last group of an address in them. */
const WITHOUT_BRACKETS = /(?<![[\da-f:])(?:fd00|2001):[\da-f:]*:(?:40000|8080|9000|443|80|81|22)(?![\da-f:])/;

const options = { color: false, width: 160, allPaths: true, reply: true, verbose: true };

describe.each(FORMATS)('-o %s of IPv6', (format) => {
  test.each(Object.keys(TRACES))('%s: addresses with a port are in brackets', (name) => {
    expect(render(format, tracesOf(name, 'IPv6'), options)).not.toMatch(WITHOUT_BRACKETS);
  });
});

/** One with long lines of each kind. */
const TELLING = ['a service with two endpoints', 'its own service', 'ping', 'an unused address', 'a failed neighbour'];

describe.each(['table', 'trace'] as const)('-o %s of IPv6', (format) => {
  test.each([60, 80, 160])('no line is wider than %i', (width) => {
    const shown = { ...options, width, verbose: false };
    const lines = TELLING.flatMap((name) => render(format, tracesOf(name, 'IPv6'), shown).split('\n'));
    expect(lines.find((l) => l.length > width)).toBeUndefined();
  });
});

describe('goldens', () => {
  const golden = (folder: string, name: string) => readFileSync(join(import.meta.dirname, folder, name), 'utf8');
  const files = { 'four-pods.yaml': readFileSync(join(import.meta.dirname, '../../fixtures/ipv6/four-pods.yaml'), 'utf8') };

  test.each([
    ['pod-a pod-d', 'pod-a_pod-d.txt'],
    ['pod-a svc/web', 'pod-a_svc-web.txt'],
  ])('%s -o minimal: the crossings are those of IPv4', async (argv, name) => {
    expect((await run(`-f four-pods.yaml ${argv} -o minimal`, { files })).stdout).toBe(asIpv6(golden('golden', name)));
  });

  test.each(['pod-a_svc-web_--width_80.txt', 'pod-a_pod-d_-o_trace_--width_80.txt'])('%s', async (name) => {
    const argv = name.replace('.txt', '').replaceAll('_', ' ').replace('svc-', 'svc/');
    expect((await run(`-f four-pods.yaml ${argv}`, { files })).stdout).toBe(golden('golden-ipv6', name));
  });
});
