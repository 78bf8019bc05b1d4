import type { Datapath } from '../datapath/netns.ts';
import type { Edit } from '../source/edit.ts';
import type { Cluster } from './cluster.ts';

/** A cluster with what is compiled from it, ready to be traced through. Nodes are compiled when a packet first gets there. */
export interface Network {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
  /** The network of the input with these changes; null: there is none. Undefined: the input cannot be read again. */
  readonly edited?: (edits: readonly Edit[]) => Network | null;
}
