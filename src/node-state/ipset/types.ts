import type { PartKind } from '../../datapath/netfilter/ipset-index.ts';

/** The parts of an element, by the type of its set (all but `list:set`). Source: ipset(8). */
export const SET_TYPES: Readonly<Record<string, readonly PartKind[]>> = {
  'bitmap:ip': ['ip'],
  'bitmap:ip,mac': ['ip', 'mac'],
  'bitmap:port': ['port'],
  'hash:ip': ['ip'],
  'hash:mac': ['mac'],
  'hash:ip,mac': ['ip', 'mac'],
  'hash:net': ['net'],
  'hash:net,net': ['net', 'net'],
  'hash:ip,port': ['ip', 'port'],
  'hash:net,port': ['net', 'port'],
  'hash:ip,port,ip': ['ip', 'port', 'ip'],
  'hash:ip,port,net': ['ip', 'port', 'net'],
  'hash:ip,mark': ['ip', 'mark'],
  'hash:net,port,net': ['net', 'port', 'net'],
  'hash:net,iface': ['net', 'iface'],
};

export const LIST_OF_SETS = 'list:set';

/**
 * Options of a set, and the number of words after each. Those that change which packets match are read; the others are about memory and
 * age.
 */
export const SET_OPTIONS: Readonly<Record<string, 0 | 1>> = {
  family: 1,
  netmask: 1,
  bitmask: 1,
  markmask: 1,
  range: 1,
  hashsize: 1,
  maxelem: 1,
  bucketsize: 1,
  initval: 1,
  probes: 1,
  resize: 1,
  gc: 1,
  size: 1,
  timeout: 1,
  counters: 0,
  comment: 0,
  skbinfo: 0,
  forceadd: 0,
};

/** Options of an element, and the number of words after each. */
export const ELEMENT_OPTIONS: Readonly<Record<string, 0 | 1>> = {
  timeout: 1,
  packets: 1,
  bytes: 1,
  comment: 1,
  skbmark: 1,
  skbprio: 1,
  skbqueue: 1,
  nomatch: 0,
  wildcard: 0,
};

/** The words of a line; a quoted one may contain blanks. ipset escapes nothing, and has no quotes within quotes. */
export const wordsOf = (line: string): readonly string[] => line.match(/"[^"]*"|\S+/g) ?? [];

const unquoted = (word: string): string => (word.length > 1 && word.startsWith('"') && word.endsWith('"') ? word.slice(1, -1) : word);

/** The values of options by name; a text: the reason why they are not understood. */
export function optionsOf(words: readonly string[], known: Readonly<Record<string, 0 | 1>>): ReadonlyMap<string, string> | string {
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const name = words[i] ?? '';
    const operands = Object.hasOwn(known, name) ? known[name] : undefined;
    if (operands === undefined) return `unknown option "${name}"`;
    if (operands === 0) options.set(name, '');
    else {
      const value = words[++i];
      if (value === undefined) return `"${name}" has no value`;
      options.set(name, unquoted(value));
    }
  }
  return options;
}
