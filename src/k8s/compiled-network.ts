import type { Datapath } from '../datapath/netns.ts';
import type { Cluster } from './cluster.ts';

/** A cluster with what is compiled from it, ready to be traced through. Nodes are compiled when a packet first gets there. */
export interface Network {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}
