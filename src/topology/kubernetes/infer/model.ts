import { type CniInput, cniField } from '../../../cni/index.ts';
import type { Fact } from '../../../k8s/fact.ts';
import type { Clues } from './clues.ts';
import type { Model } from './cni/rows.ts';
import type { Network } from './network.ts';
import { modeIn } from './values.ts';

/** What a node says of its own, which is not what most have, has no place in a model of all. */
export function modelOf(clues: Clues, { plugins, modes, rowsOn, pluginOn }: Network): Model {
  const { model } = rowsOn(null);
  if (model === undefined) return { why: 'it has no model', isModelled: false };
  if ([...plugins, ...modes].some((fact) => fact.node !== null)) return { why: 'nodes differ in it' };
  const mode = modes.find((fact) => fact.node === null);
  const isSure = mode !== undefined && mode.confidence !== 'assumed' && mode.confidence !== 'unknown';
  if (isSure && mode.value === null) return { why: mode.text };
  const found = model(clues, isSure ? modeIn(mode.value) : null);
  return 'why' in found && !isSure && isStated(plugins) ? { config: named(pluginOn(null)) } : found;
}

/** Who states a plugin's name, and nothing that objects would tell of it, has it as a Topology with that name alone. */
const isStated = (plugins: readonly Fact[]): boolean => plugins.some((fact) => fact.confidence === 'stated');

const named = (plugin: string): CniInput => cniField.parse(plugin);
