import { describe, expect, test } from 'vitest';
import { file, inParts, readAll, shown } from './read.ts';
import { pod, SHAPES } from './shapes.ts';

describe('what is read of a file', () => {
  test.each(SHAPES)('%s', (_shape, name, text, readings) => {
    expect(readAll(file(name, text)).map(shown)).toEqual(readings);
  });

  test.each(SHAPES)('%s, read a few bytes at a time', (_shape, name, text, readings) => {
    for (const most of [1, 2, 7]) expect(readAll(inParts(name, text, most)).map(shown)).toEqual(readings);
  });
});

describe('kinds that nobody wants', () => {
  test('are asked for once each, and not parsed', () => {
    const asked: string[] = [];
    const wants = (apiVersion: string, kind: string) => asked.push(`${apiVersion} ${kind}`) > 0 && kind === 'Pod';
    const text = `{"items":[{"kind":"Event","apiVersion":"v1",broken},${pod('a')},{"kind":"Secret","apiVersion":"v1"}],"kind":"List"}`;
    expect(() => JSON.parse(text)).toThrow();
    const text2 = text.replace('broken', '"x":tru');
    expect(readAll(file('x.json', text2), { wants }).map(shown)).toEqual(['v1 Pod a']);
    expect(asked).toEqual(['v1 Event', 'v1 Pod', 'v1 Secret']);
  });

  test('lists of them say nothing', () => {
    expect(readAll(file('x.json', '{"kind":"SecretList","items":[]}'), { isKind: (k) => k === 'Pod' })).toEqual([]);
  });
});

const LOGS = [
  pod('a'),
  '==== START logs for container kube-proxy of pod kube-system/kube-proxy-x ====',
  'I1 server.go:1] "Using iptables Proxier"',
  '{ "level": "info", "kind": "Pod" }',
  'no end of line==== END logs for container kube-proxy of pod kube-system/kube-proxy-x ====',
  '==== START logs for container app of pod shop/web ====',
  'Using ipvs Proxier',
  '==== END logs for container app of pod shop/web ====',
  pod('b'),
];

test('logs between objects: lines of a container that match', () => {
  const logsOf = (container: string) => (container === 'kube-proxy' ? /Using \w+ Proxier|no end/ : null);
  expect(readAll(file('x.json', LOGS.join('\n')), { logsOf }).map(shown)).toEqual([
    'v1 Pod a',
    'log kube-system/kube-proxy-x kube-proxy 3 I1 server.go:1] "Using iptables Proxier"',
    'log kube-system/kube-proxy-x kube-proxy 5 no end of line',
    'v1 Pod b',
  ]);
  expect(readAll(file('logs.txt', LOGS.slice(1, 5).join('\n')), { logsOf }).map(shown)).toHaveLength(2);
});
