import type { Random } from './random.ts';

/** Texts that programs trip over. */
export const TEXTS: readonly [string, ...string[]] = [
  '',
  ' ',
  '\t',
  '\n',
  '\r',
  'x\r\ny',
  '\u001b[2J\u0007',
  '\u007f\u0085\u009b31m',
  '\u202eabc\u2066',
  '\u200e\u200f\u061c\u2028\u2029',
  '\u0000',
  '\ufeff',
  '\ud800',
  '日本語',
  'e\u0301\u{1f600}',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  '~',
  'yes',
  '010',
  '1:30',
  'NaN',
  '.inf',
  '-0',
  '1e999',
  '0x7fffffffffffffff',
  '99999999999999999999999999',
  '"',
  "'",
  '`',
  '\\',
  '$(id)',
  '%0A::error::x',
  '::error file=a::b',
  '<b>&amp;</b>',
  ']]>',
  '| a | b |',
  '# TODO',
  '*',
  '**',
  '..',
  '/',
  '//',
  '../../x',
  '-',
  '--',
  '@',
  'a@b',
  ':',
  '::',
  ':80',
  '80:80',
  '/80',
  '[',
  ']',
  '[::1]',
  '[::1]:80',
  'fe80::1%eth0',
  '::ffff:10.0.0.1',
  '1.2.3',
  '256.1.1.1',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.1',
  '127.0.0.1',
  '169.254.1.1',
  '10.0.0.0/33',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.1/8',
  'http://',
  'http://x:99999/',
  'http://[::1]/%',
  'https://user:pw@x/?a#b',
  'http://a b/',
  '<<',
  '*a',
  '&a x',
  '!!set x',
  '# k8s-trace: ignore x',
  '(a+)+$',
  'a'.repeat(300),
  'a.'.repeat(150),
  '.'.repeat(300),
  ' '.repeat(2000),
];

/** Values of every type, many at the edge of theirs. */
export function anyValue(r: Random, depth = 0): unknown {
  switch (r.below(depth > 3 ? 4 : 6)) {
    case 0:
      return r.pick([null, true, false]);
    case 1:
      return r.pick([0, -0, -1, 1, 1.5, 15, 80, 65535, 65536, 2 ** 31, 2 ** 32, 2 ** 53, 1e21, 1e308, -1e308]);
    case 2:
    case 3:
      return r.pick(TEXTS);
    case 4:
      return Array.from({ length: r.below(4) }, () => anyValue(r, depth + 1));
    default:
      return Object.fromEntries(Array.from({ length: r.below(4) }, () => [r.pick(TEXTS), anyValue(r, depth + 1)]));
  }
}

const HEAD = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
`;

const many = (n: number, text: (i: number) => string, between = '\n') => Array.from({ length: n }, (_, i) => text(i)).join(between);

/** Documents that a parser trips over: each of some size. */
const SHAPES: readonly [(n: number, text: string) => string, ...((n: number, text: string) => string)[]] = [
  (n) => '['.repeat(n),
  (n) => `${'['.repeat(n)}${']'.repeat(n)}`,
  (n) => `${HEAD}x: ${'{a: '.repeat(n)}${'}'.repeat(n)}\n`,
  (n) => `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`,
  (n) => `${HEAD}x:\n  ${'- '.repeat(n)}y\n`,
  (n) => `${HEAD}x:\n  ${'? '.repeat(n)}y\n`,
  (n) => many(Math.min(n, 700), (i) => `${' '.repeat(i)}a:`),
  (n) => `${HEAD}${many(n, (i) => `x${i}: &x${i} [${i === 0 ? '' : `*x${i - 1}, *x${i - 1}`}]`)}\n`,
  (n) => `${HEAD}${many(n, (i) => `x${i}: &x${i} { ${i === 0 ? 'a: b' : `<<: *x${i - 1}, b${i}: c`} }`)}\n`,
  (n) => `${HEAD}pods:\n${many(n, (i) => `  - &p${i} { name: p${i}, node: node-1, <<: ${i === 0 ? '{}' : `*p${i - 1}`} }`)}\n`,
  (n) => `${HEAD}pods:\n  - { name: a, node: node-1, labels: { ${many(n, (i) => `k${i}: v`, ', ')} } }\n`,
  (n) => `${HEAD}pods:\n${many(n, (i) => `  - { name: p${i}, node: node-1 }`)}\n`,
  (n) => `${HEAD}pods:\n${many(n, () => '  - { name: a, node: node-1, nme: x }')}\n`,
  (n, text) => `${HEAD}${many(n, () => `${text}: ${text}`)}\n`,
  (n, text) =>
    `${HEAD}services:\n${many(n, (i) => `  - { name: s${i}, clusterIP: None, selector: { a: ${JSON.stringify(text)} }, ports: [{ port: 80 }] }`)}\n`,
  (n, text) => `${HEAD}x: "${text.repeat(n)}"\n`,
  (n, text) => `${HEAD}x: |\n${many(n, () => `  ${text}`)}\n`,
  (n, text) => `${HEAD}# ${text.repeat(n)}\n`,
  (n) => many(n, () => `---\n${HEAD}`),
  (n) => `${'%YAML 1.1\n'.repeat(n)}---\n${HEAD}`,
  (n) => `${HEAD}${'\r'.repeat(n)}x: y\r\n`,
  (n, text) => `${HEAD}x: { <<: ${text}, <<: [${text}, *a] }\n${many(n, () => `? ${text}\n: ${text}`)}\n`,
  (n) => `${HEAD}x: &x { <<: *x }\ny: &y [${many(n, () => '*y', ', ')}]\n`,
  (n) => `{"kind":"Topology",${many(n, () => '"a":{"b":[1,2,{"c":null}]}', ',')}}`,
  (n, text) => JSON.stringify({ kind: 'Topology', apiVersion: 'k8s-trace/v1', pods: Array.from({ length: n }, () => ({ [text]: text })) }),
  (n, text) => `${HEAD}expect:\n${many(n, () => `  - { from: ${JSON.stringify(text)}, to: ${JSON.stringify(text)} }`)}\n`,
];

/** A document that was made to be hard to read. */
export function hostileDocument(r: Random): string {
  // As often between 1 and 2 as between 2,048 and 4,096.
  const size = Math.floor(2 ** (r.below(1200) / 100));
  return r.pick(SHAPES)(size, r.pick(TEXTS));
}
