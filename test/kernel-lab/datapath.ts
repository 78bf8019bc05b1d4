import type { Draft, PodDraft } from './draft.ts';
import type { Place } from './place.ts';

/** A CNI plugin with a configuration: how a cluster that was drawn with the plugin `bridge` becomes one of it, and what may be wrong with it alone. */
export interface Datapath {
  readonly name: string;
  /** Of the options of the drawn cluster, those that mean the same; `masquerades`: pods are masqueraded on their way out. */
  cni(options: { readonly hairpinMode?: boolean; readonly masquerades: boolean }): Record<string, unknown>;
  /** Null: `veth0`, `veth1`, …, ports of cni0. */
  readonly hostEnd: ((pod: PodDraft, nth: number) => string) | null;
  readonly faults: Readonly<Record<string, (place: Place) => void>>;
  /** The plugin masquerades by itself, and cluster.masquerade is refused. */
  readonly masqueradesItself: boolean;
  /** False: a pod's own range is not among its routes. */
  readonly podsKnowRange: boolean;
  /** proxy_arp answers only where there is a way to elsewhere: a cluster without a way out is dead. */
  readonly needsGateway?: boolean;
  readonly families: readonly ('IPv4' | 'IPv6' | 'both')[];
  /** What else of the cluster is otherwise. */
  readonly arranged?: (draft: Draft) => Draft;
}
