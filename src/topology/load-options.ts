import type { InputFile } from './syntax/document.ts';

/** Facts about a cluster as flags state them, each a text of the command line. A flag wins over a Topology, and that over objects. */
export interface FactFlags {
  readonly cni?: string;
  readonly kubeProxyMode?: string;
  readonly clusterCidr?: string;
  readonly detectLocalMode?: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  readonly serviceNodePortRange?: string;
  readonly mtu?: string;
  readonly nodeMtu?: string;
  readonly nonMasqueradeCidrs?: string;
  readonly networkPolicy?: string;
  readonly clusterDomain?: string;
  readonly clusterDns?: string;
  readonly segments?: string;
}

/** Changes that are supposed. */
export interface Supposed {
  /** Files with objects, or fields of them, and Topologies. They are merged into the input, in their order. */
  readonly patches?: readonly InputFile[];
  /** Things that are gone, as `networkpolicy/shop/deny-all`; a node is there, and down. */
  readonly without?: readonly string[];
  /** Of names in `without` that have none; left out, `default`. */
  readonly namespace?: string;
}

/** What commands printed on nodes. */
export interface NodeFiles {
  /** Null: the names of the files and their folders say whose they are; else they are the only node's. */
  readonly node: string | null;
  readonly files: readonly InputFile[];
  /** The directory that somebody named, which the files' names begin with; left out: the names are all that there is. */
  readonly root?: string;
  /** Found among the files of the input, as a bundle has them: nobody said that they are node state. */
  readonly isBundle?: boolean;
}

/** What a command line says beside the files. */
export interface LoadOptions {
  /** Facts that flags state. */
  readonly flags?: FactFlags;
  /** On how many nodes manifests are taken to run. */
  readonly nodes?: number;
  /** What if the input were otherwise? */
  readonly whatIf?: Supposed;
  /** What is so on nodes, whatever was compiled. */
  readonly nodeState?: readonly NodeFiles[];
}

/** A flag has a value that is none. */
export class FlagError extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}
