import { expect, it } from 'vitest';
import { traceFlow } from '../../../src/walk/flow.ts';
import { twoHosts } from '../../stage/two-hosts.ts';
import { tablesOf } from './reading.ts';

/** What becomes of a SYN to 10.2.0.2:80, of its answer and of the third packet, on a router with this rule at FORWARD. Linux 6.18 was asked the same. */
const pathWith = (...rules: string[]) => {
  const listing = `table ip t {\n\tchain c {\n\t\ttype filter hook forward priority filter; policy accept;\n\t\t${rules.join('\n\t\t')}\n\t}\n}\n`;
  const found = { iptables: new Map(), nft: tablesOf(listing), ipvs: null, untold: [], tracks: false, beside: false, devices: new Map() };
  const [path] = traceFlow(twoHosts((r) => r.found(found)).flow);
  return [path?.outcome, path?.failure?.walk ?? null];
};

it.each<[string, string[], [string, 'forward' | 'reply' | 'ack' | null]]>([
  ['an element that goes on', ['ct state vmap { new : continue, established : accept }'], ['delivered', null]],
  ['and the rule after it', ['ct state vmap { new : continue, established : accept }', 'drop'], ['dropped', 'forward']],
  ['an element that drops', ['ct state vmap { new : continue, established : drop }'], ['dropped', 'reply']],
  ['the third packet makes a connection of TCP assured', ['ct status assured drop'], ['dropped', 'ack']],
  ['nobody expected it', ['ct status expected drop'], ['delivered', null]],
  ['before, it is not assured', ['ct status & assured == 0 ct state established drop'], ['dropped', 'reply']],
])('%s', (_name, rules, ended) => expect(pathWith(...rules)).toEqual(ended));
