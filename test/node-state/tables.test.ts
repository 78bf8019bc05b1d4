import { expect, test } from 'vitest';
import { finish, newNetns } from '../../src/datapath/build.ts';
import { foundRules } from '../../src/datapath/found/routes.ts';
import { NOTHING_FOUND } from '../../src/datapath/found-state.ts';
import { FAMILIES } from '../../src/net/address.ts';
import { readIp } from '../../src/node-state/ip/index.ts';
import { stateText } from '../../src/node-state/text.ts';
import { inferred } from '../../src/source/origin.ts';

const netns = finish(newNetns({ name: 'x', node: 'x', role: 'node' }, inferred(null), [], FAMILIES), null);
const TEXT =
  '0:\tfrom all lookup local\n9:\tfrom all lookup 100\n10:\tfrom all goto 32766\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default';
const rules = readIp(stateText('x', 'rules', TEXT)).pieces.flatMap((p) => (p.kind === 'rules' ? p.rules : []));

test.each([
  ['a rule whose table nobody gave leads nobody knows where', false, [9]],
  ['of all tables, one that is not there is empty', true, []],
])('%s', (_, isAll, unknown) => {
  const found = { ...NOTHING_FOUND, rules: { IPv4: rules, IPv6: null }, areAllTables: { IPv4: isAll, IPv6: false } };
  const own = foundRules(netns, found, new Map()).filter((r) => r.family === 'IPv4');
  expect(own.map((r) => r.priority)).toEqual([0, 9, 10, 32766, 32767]);
  expect(own.filter((r) => r.action?.kind === 'unmodelled').map((r) => r.priority)).toEqual(unknown);
});
