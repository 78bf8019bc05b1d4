import { describe, expect, test } from 'vitest';
import { ignoreComments } from '../../src/lint/comments.ts';
import { file } from '../topology/sources.ts';
import { linted, lintedFiles } from './linted.ts';

/** `# k8s-trace: ignore CODE`: where it may stand, and what it is about. */

const HEAD = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
`;
/** Two findings of a service without pods: line 9 is its selector, 10 and 11 its ports. */
const service = (before = '', atName = '', atSelector = '', atType = '') => `${HEAD}services:
${before}  - name: web${atName}
    clusterIP: 10.96.0.10
    selector: { app: web }${atSelector}
    type: LoadBalancer${atType}
    ports: [{ port: 80 }]
`;
const BOTH = ['selector-matches-nothing', 'load-balancer-pending'];
const IGNORE = ' # k8s-trace: ignore';

async function codes(text: string) {
  return (await linted(text)).map((d) => d.code);
}

describe('what a comment is about', () => {
  test.each([
    ['none', service(), BOTH],
    ['on the line of the field', service('', '', `${IGNORE} selector-matches-nothing`), ['load-balancer-pending']],
    ["on the object's first line", service('', `${IGNORE} load-balancer-pending`), ['selector-matches-nothing']],
    ['two codes', service('', `${IGNORE} load-balancer-pending, selector-matches-nothing`), []],
    ['two codes, without a comma', service('', `${IGNORE} load-balancer-pending selector-matches-nothing`), []],
    ['the first words of a code', service('', `${IGNORE} load-balancer`), ['selector-matches-nothing']],
    ['with a reason', service('', `${IGNORE} load-balancer-pending -- selector-matches-nothing, later`), ['selector-matches-nothing']],
    ['alone, above the object', service(' # k8s-trace: ignore load-balancer\n'), ['selector-matches-nothing']],
    ['above other comments', service(' # k8s-trace: ignore load-balancer\n # because\n'), ['selector-matches-nothing']],
    ['two, one above the other', service(' # k8s-trace: ignore load-balancer\n # k8s-trace: ignore selector\n'), []],
    ['above the whole list', service().replace('services:', '# k8s-trace: ignore load-balancer\nservices:'), ['selector-matches-nothing']],
    ['above the document', `# k8s-trace: ignore load-balancer\n${service()}`, ['selector-matches-nothing']],
    ['in the second document of a file', `---\n---\n# k8s-trace: ignore load-balancer\n${service()}`, ['selector-matches-nothing']],
  ])('%s', async (_name, text, expected) => {
    expect(await codes(text)).toEqual(expected);
  });

  test.each([
    [
      'on the line of another field',
      service('', '', `${IGNORE} load-balancer-pending`),
      9,
      [...BOTH.slice(0, 1), 'unused-ignore', 'load-balancer-pending'],
    ],
    [
      'of the line above, behind a value',
      service().replace('10.96.0.10\n', `10.96.0.10${IGNORE} selector\n`),
      8,
      ['unused-ignore', ...BOTH],
    ],
    ['above an empty line', service(' # k8s-trace: ignore load-balancer\n\n'), 7, ['unused-ignore', ...BOTH]],
  ])('%s: it ignores nothing, and a note says so', async (_name, text, line, expected) => {
    const found = await linted(text);
    expect(found.map((d) => d.code).toSorted()).toEqual(expected.toSorted());
    expect(found.find((d) => d.code === 'unused-ignore')?.place?.line).toBe(line);
  });

  test('a list item hides what is in it, and not its neighbour', async () => {
    const api = '  - { name: api, type: LoadBalancer, clusterIP: 10.96.0.11, selector: { app: api }, ports: [{ port: 80 }] }\n';
    const found = await linted(service('', `${IGNORE} load-balancer`) + api);
    expect(found.map((d) => [d.code, d.place?.line])).toEqual([
      ['selector-matches-nothing', 9],
      ['load-balancer-pending', 12],
      ['selector-matches-nothing', 12],
    ]);
  });
});

describe('what is wrong with a comment', () => {
  test.each([
    [
      'a code that is none',
      'selector-matches-nothin',
      /there is no finding selector-matches-nothin$/,
      'did you mean selector-matches-nothing?',
    ],
    ['an error', 'unknown-field', /unknown-field is an error/, null],
    ['no code', '', /which finding\?/, 'as: # k8s-trace: ignore CODE, CODE'],
  ])('%s', async (_name, code, message, hint) => {
    const found = (await linted(service('', `${IGNORE} ${code}`))).filter((d) => d.code === 'unused-ignore');
    expect(found.map((d) => [d.severity, d.place?.line, d.place?.column, d.hint])).toEqual([['note', 7, 15, hint]]);
    expect(found[0]?.message).toMatch(message);
  });

  test('with errors nobody knows whether it is of use', async () => {
    const found = await lintedFiles([file(`${service('', `${IGNORE} hairpin-off`)}nodez: []\n`)]);
    expect(found.findings.map((d) => d.code)).toEqual(['unknown-field']);
  });

  test('an error stays, whatever a comment says', async () => {
    const text = `${HEAD}pods:\n  - { name: a, node: node-9 }${IGNORE} unknown-node\n`;
    expect(await codes(text)).toEqual(['unknown-node']);
  });
});

describe('what is a comment', () => {
  const found = (text: string) => ignoreComments(text).map(({ line, column, about, codes: c }) => [line, column, about, c.join(' ')]);

  test.each([
    ['behind a value', 'a: 1 # k8s-trace: ignore x\n', [[1, 6, 1, 'x']]],
    ['alone', '# k8s-trace: ignore x, y\na: 1\n', [[1, 1, 2, 'x y']]],
    ['tight', 'a: 1\n#k8s-trace:ignore x\nb: 2', [[2, 1, 3, 'x']]],
    ['with line ends of Windows', 'a: 1\r\nb: 2 # k8s-trace: ignore x\r\n', [[2, 6, 2, 'x']]],
    ['in a flow mapping', '{ a: 1, # k8s-trace: ignore x\n  b: 2 }', [[1, 9, 1, 'x']]],
    ['in quotes it is text', 'a: "# k8s-trace: ignore x"\nb: \'a # k8s-trace: ignore x\'\n', []],
    ['in a block it is text', 'a: |\n  # k8s-trace: ignore x\nb: 1 # k8s-trace: ignore y\n', [[3, 6, 3, 'y']]],
    ['in a block without indentation it is text', '--- |\n# k8s-trace: ignore x\n', []],
    ['in JSON it is text', '{ "a": "# k8s-trace: ignore x" }', []],
    ['another word', '# k8s-trace: ignored x\n', []],
  ])('%s', (_name, text, expected) => {
    expect(found(text)).toEqual(expected);
  });
});
