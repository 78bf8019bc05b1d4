import { loadNetwork } from '../../src/index.ts';
import { type Collected, collected, FORMS } from './collected.ts';
import { DATAPATHS } from './datapaths.ts';
import { inFamily } from './families.ts';
import { type Scenario, scenarioOn } from './generate.ts';
import { tracesThatDiffer } from './same-traces.ts';
import { sampled } from './search.ts';

/** What a lab arranges otherwise than a node would have it: it makes neighbours silent by rules. */
const NOT_SHOWN = /neighbour/;

/** How often all plugins have had their turn. */
const turnsAt = (seed: number) => Math.floor(seed / DATAPATHS.length);

/** The cluster of a seed: with each plugin in turn, and each of these in both modes of kube-proxy. */
export function drawnFor(seed: number): Scenario {
  const datapath = DATAPATHS[seed % DATAPATHS.length];
  if (datapath === undefined) throw new Error('there are datapaths');
  const { families } = datapath;
  const of = scenarioOn(datapath, (seed + turnsAt(seed)) % 2 === 0 ? 'iptables' : 'nftables');
  const family = families[Math.floor(seed / 3) % families.length] ?? 'IPv4';
  const shown = inFamily(of, family, seed % 2 === 0 ? 'IPv4' : 'IPv6').filter((s) => !s.faults.some((f) => NOT_SHOWN.test(f)));
  return sampled(shown, seed);
}

const inputOf = ({ text }: Scenario) => [{ name: 'cluster.yaml', bytes: new TextEncoder().encode(text) }];

function networkOf(scenario: Scenario) {
  const loaded = loadNetwork(inputOf(scenario));
  if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
  return loaded.value;
}

const formAt = (seed: number) => (((seed >> 1) + (turnsAt(seed) >> 1)) % 2 === 0 ? FORMS.JSON : FORMS.text);

/** What this machine's programs print of its nodes: by turns as JSON and as text. */
export const collectedOf = (scenario: Scenario, seed: number): Promise<readonly Collected[]> =>
  collected(networkOf(scenario), formAt(seed));

/** What is told of the nodes' state, and how traces differ that are asked with it. */
export function differencesOf(scenario: Scenario, nodeState: readonly Collected[]): readonly string[] {
  const found = loadNetwork(inputOf(scenario), { nodeState });
  if (!found.ok) return [`the nodes' state is refused: ${found.diagnostics.map((d) => d.message).join('; ')}`];
  const told = found.warnings.filter((d) => d.code.startsWith('node-state'));
  return [
    ...told.map(({ file, place, code, message }) => `${file}:${place?.line}: ${place?.text}: ${code} ${message}`),
    ...tracesThatDiffer(scenario, networkOf(scenario), found.value),
  ];
}
