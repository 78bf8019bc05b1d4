import type { Fact, Saying } from '../../../k8s/fact.ts';
import type { Clues, Machine } from './clues.ts';
import { rowsOf } from './cni/index.ts';
import { ofPrograms } from './cni-programs.ts';
import { ofAnnotations, ofCondition, ofOpenshift, ofPodAnnotations } from './cni-signs.ts';
import { ofDistribution, ofK3s } from './cni-usual.ts';
import { decide, ofNodes } from './decide.ts';
import { distributionOf } from './distribution.ts';
import { assumes } from './saying.ts';

/** The plugin of each node. One of another distribution is not as the others when nothing is known about it. */
export function plugins(clues: Clues): readonly Fact[] {
  const machines: readonly (Machine | null)[] = clues.machines.length === 0 ? [null] : clues.machines;
  const facts = machines.map((machine) =>
    decide(clues.given, 'cni.plugin', machine?.name ?? null, sourcesOf(clues, machine), fallback(clues)),
  );
  const distributions = new Map(clues.machines.map((machine) => [machine.name, distributionOf(machine)?.value ?? null]));
  return ofNodes(facts, ({ node }) => (node === null ? null : (distributions.get(node) ?? null)));
}

const fallback = (clues: Clues) => (): readonly Saying[] => [
  clues.machines.length > 1
    ? assumes('generic', 'nothing of a known plugin is in the input')
    : assumes('bridge', 'nothing of a known plugin is in the input, and it has one node at most'),
];

/** Only the first that speaks: a plugin beside another one is no contradiction. */
function sourcesOf(clues: Clues, machine: Machine | null): readonly (Saying | null)[] {
  const first = [
    ofPrograms(clues, machine),
    ofOpenshift(clues),
    ofCondition(machine),
    ofAnnotations(machine),
    ofPodAnnotations(machine),
    ofK3s(clues, machine),
    ofDistribution(clues, machine),
  ].find((s) => s !== null);
  return [first ?? null];
}

/** The encapsulation on each node, which may differ where nodes have different plugins. */
export function modes(clues: Clues, pluginOn: (machine: string | null) => string): readonly Fact[] {
  const machines: readonly (Machine | null)[] = clues.machines.length === 0 ? [null] : clues.machines;
  const facts = machines.map((machine) => {
    const name = machine?.name ?? null;
    return decide(clues.given, 'cni.mode', name, rowsOf(pluginOn(name)).mode(clues, machine));
  });
  return ofNodes(facts, ({ node }) => pluginOn(node));
}
