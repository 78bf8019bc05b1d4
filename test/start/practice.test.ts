import { describe, expect, test } from 'vitest';
import { type Kind, kindOf } from '../../bin/kind.ts';
import { practise } from '../../bin/practice.ts';

/** What is practised is answered: well, and badly. An error of usage would practise nothing. */
const STATUSES: Readonly<Record<Kind, readonly number[]>> = {
  pod: [0, 1],
  service: [0, 1],
  url: [0, 1],
  state: [0, 1],
  check: [1],
  validate: [0],
  show: [0, 0],
  text: [0, 0],
  lab: [],
};

test.each(Object.entries(STATUSES) as [Kind, readonly number[]][])('practice for %s', async (kind, statuses) => {
  expect(await practise(kind)).toEqual(statuses);
});

describe('the kind of a command line', () => {
  test.each<readonly [string, Kind]>([
    ['pod-a pod-d', 'pod'],
    ['trace pod-a pod-d -f svc.yaml', 'pod'],
    ['pod-a svc/web', 'service'],
    ['pod-a shop/svc/web:80', 'service'],
    ['internet https://shop.example.com/cart', 'url'],
    ['pod-a svc/web --node-state state', 'state'],
    ['pod-a http://web --node-state=node-1=rules', 'state'],
    ['check -f topology.yaml --node-state state', 'check'],
    ['check -f topology.yaml', 'check'],
    ['-n shop validate', 'validate'],
    ['show service web', 'show'],
    ['lab verify pod-a svc/web', 'lab'],
    ['--help', 'text'],
    ['lab verify -h', 'text'],
    ['-V', 'text'],
    ['completion bash', 'text'],
    ['', 'pod'],
  ])('%s', (line, kind) => {
    expect(kindOf(line.split(' '))).toBe(kind);
  });
});
