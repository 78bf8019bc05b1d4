import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNetwork, type Network, type Request, traceRequest } from '../../../src/index.ts';
import { viewOf } from '../../../src/show/index.ts';
import { questionsOf } from '../../advice/questions.ts';
import { isolated, whyNot } from '../../kernel-lab/machine.ts';
import { crossings } from '../../tracing.ts';

/** What `show node --rules` prints of nft, given back as what was found there, is the same node: every packet goes the same ways. */
const ROOT = new URL('../../../fixtures/', import.meta.url);
const flags = { kubeProxyMode: 'nftables' };
const bytes = (text: string) => new TextEncoder().encode(text);
const MOST = Number(process.env['NFT_QUESTIONS'] ?? 4);

/** One of so many fixtures is asked; NFT_EVERY=1 asks all. */
const EVERY = Number(process.env['NFT_EVERY'] ?? 12);

const fixtures = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(yaml|json)$/.test(name) && !name.startsWith('invalid'))
  .sort()
  .filter((_, i) => i % EVERY === 0);

function loaded(name: string, nodeState: readonly { node: string; text: string }[] = []): Network | null {
  const result = loadNetwork([{ name, bytes: readFileSync(new URL(name, ROOT)) }], {
    flags,
    nodeState: nodeState.map(({ node, text }) => ({ node, files: [{ name: `${node}/nft`, bytes: bytes(text) }] })),
  });
  return result.ok ? result.value : null;
}

function rulesets({ cluster, datapath }: Network): readonly { node: string; text: string }[] {
  return [...cluster.nodes.keys()].flatMap((node) => {
    const view = viewOf(cluster, datapath, 'node', node, true);
    return view !== null && 'nftRuleset' in view && view.nftRuleset !== null ? [{ node, text: view.nftRuleset }] : [];
  });
}

function ways(network: Network, request: Request): readonly string[] {
  const result = traceRequest(network, request);
  if (!result.ok) return [result.message];
  return result.trace.paths.map((p) =>
    [p.outcome, p.probability.toFixed(6), ...[p.forward, p.reply].map((w) => crossings(w).join('; '))].join('\n'),
  );
}

let asked = 0;
describe('every fixture with kube-proxy in nftables mode', () => {
  it.each(fixtures)('%s', (name) => {
    const compiled = loaded(name);
    if (compiled === null) return;
    const printed = rulesets(compiled);
    if (printed.length === 0) return;
    const found = loaded(name, printed);
    if (found === null) throw new Error('it is not read with its own rules');
    for (const { node } of printed) expect(found.cluster.nodes.get(node)?.found?.nft?.length).toBeGreaterThan(0);
    for (const request of questionsOf(compiled, MOST)) {
      asked++;
      expect(ways(found, request), JSON.stringify(request)).toEqual(ways(compiled, request));
    }
  });
  it('there were questions', () => expect(asked).toBeGreaterThan(40));
});

describe.skipIf(whyNot !== null)('as the kernel has it, in JSON', () => {
  it.each(['four-pods.yaml', 'readme/shop.yaml'])('%s', (name) => {
    const compiled = loaded(name);
    if (compiled === null) return;
    const printed = rulesets(compiled).map(({ node, text }) => {
      const ran = isolated('nft -f - && nft -j list ruleset', text);
      expect(ran.stderr).toBe('');
      return { node, text: ran.stdout };
    });
    const found = loaded(name, printed);
    if (found === null) throw new Error('it is not read with its own rules');
    for (const request of questionsOf(compiled, 2 * MOST))
      expect(ways(found, request), JSON.stringify(request)).toEqual(ways(compiled, request));
  });
});
