import type * as z from 'zod';
import type { Cni, Setting } from '../k8s/cni.ts';
import type { Origin } from '../source/origin.ts';

/** A CNI plugin, before its configuration is known. */
export interface CniPlugin<C extends z.ZodObject> {
  /** Its configuration as the input states it; `plugin` is the plugin's name, and the only field that has to be there. */
  readonly config: C;
  /** Nodes, and the cluster, may do without ranges for their pods. */
  readonly withoutRanges?: true;
  configure(config: z.output<C>, origin: Origin, setting: Setting): Cni;
}

export const plugin = <C extends z.ZodObject>(definition: CniPlugin<C>): CniPlugin<C> => definition;
