import type { TraceDocument } from '../document/trace-schema.ts';
import { safe } from './text.ts';

/** What the names of a table have in common is left out of them, and said once below it. */
export interface ShortNames {
  /** The namespace that pods are in which are named without one. */
  readonly namespace: string;
  /** The end of the nodes' names, as `.ec2.internal`; empty: they have none in common. */
  readonly domain: string;
  /** A text with its names made short. */
  readonly shorten: (text: string) => string;
  /** Below the table; empty: nothing that is not usual is left out. */
  readonly note: string;
}

/** The last label of a domain is no number; that of an address is. */
const DOMAIN = /\.[^.]*[^.\d][^.]*$/;

/** A shorter end of a name is no trouble. */
const WORTH_IT = 8;

export function shortNames({ source, destination, paths }: TraceDocument): ShortNames {
  const hops = paths.flatMap(({ dns, forward, reply }) => [dns?.forward, forward, reply].flatMap((walk) => walk?.hops ?? []));
  const machines = [...new Set(hops.flatMap((h) => [h.node, h.netns]))].filter((name) => !name.includes('/'));
  const dotted = machines.filter((name) => DOMAIN.test(name));
  const domain = domainOf(dotted, machines);
  const asked = source.namespace ?? destination.namespace ?? 'default';
  // A name without a namespace is one of `default` wherever such a pod is on the way.
  const namespace = hops.some((h) => h.netns.startsWith('default/')) ? 'default' : asked;
  const long = domain === '' ? [] : dotted.filter((name) => name.endsWith(domain)).sort((a, b) => b.length - a.length);
  const patterns = [
    ...long.map((name) => [whole(safe(name)), safe(name).slice(0, -domain.length)] as const),
    ...(namespace === 'default' ? [] : [[new RegExp(`(?<![\\w./-])${escaped(safe(namespace))}/(?=\\w)`, 'g'), ''] as const]),
  ];
  return {
    namespace,
    domain,
    shorten: (text) => patterns.reduce((shorter, [pattern, name]) => shorter.replace(pattern, () => name), text),
    note: [
      ...(namespace === 'default' ? [] : [`Pods are in namespace ${safe(namespace)} where none is named.`]),
      ...(domain === '' ? [] : [`Names of nodes are without ${safe(domain)}.`]),
    ].join(' '),
  };
}

/** The labels that all names end with, but for the first one of each; none when names would be alike without them. */
function domainOf(dotted: readonly string[], all: readonly string[]): string {
  const [first = '', ...others] = dotted.map((name) => name.slice(name.indexOf('.')));
  let domain = first;
  while (domain !== '' && !others.every((end) => end.endsWith(domain)))
    domain = domain.slice(Math.max(domain.indexOf('.', 1), 0) || domain.length);
  const short = all.map((name) => (name.endsWith(domain) ? name.slice(0, name.length - domain.length) : name));
  return domain.length < WORTH_IT || new Set(short).size < all.length ? '' : domain;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

const whole = (name: string) => new RegExp(`(?<![\\w.-])${escaped(name)}(?![\\w-]|\\.\\w)`, 'g');

/** Each file by as much of the end of its path as no other one has. */
export function shortFiles(files: readonly string[]): ReadonlyMap<string, string> {
  const tail = (file: string, parts: number) => file.split('/').slice(-parts).join('/');
  return new Map(
    files.map((file) => {
      const others = files.filter((f) => f !== file);
      const most = file.split('/').length;
      let parts = 1;
      while (parts < most && others.some((f) => tail(f, parts) === tail(file, parts))) parts++;
      return [file, tail(file, parts)];
    }),
  );
}
