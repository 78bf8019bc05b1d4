import type * as z from 'zod';
import type { Cni, Setting } from '../k8s/cni.ts';
import type { CniMode } from '../k8s/fact.ts';
import type { Origin, Path } from '../source/origin.ts';

/** A CNI plugin, before its configuration is known. */
export interface CniPlugin<C extends z.ZodObject> {
  /** Its configuration as the input states it; `plugin` is the plugin's name, and the only field that has to be there. */
  readonly config: C;
  /** Nodes, and the cluster, may do without ranges for their pods. */
  readonly withoutRanges?: true;
  /** Nodes get blocks of pools, and need not state them. */
  readonly inBlocks?: true;
  /** How it gets packets from node to node, as configured; null: it is not known. */
  mode(config: z.output<C>): CniMode | null;
  /** The rules about several keys that this configuration does not keep; left out, there are none. */
  check?(config: z.output<C>, setting: Omit<Setting, 'nicMtu'>): readonly WrongKey[];
  configure(config: z.output<C>, origin: Origin, setting: Setting): Cni;
}

/** A key that does not go with the others. */
export interface WrongKey {
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
}

export const plugin = <C extends z.ZodObject>(definition: CniPlugin<C>): CniPlugin<C> => definition;
