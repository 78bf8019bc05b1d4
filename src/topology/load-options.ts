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

/** What a command line says beside the files. */
export interface LoadOptions {
  /** Facts that flags state. */
  readonly flags?: FactFlags;
  /** On how many nodes manifests are taken to run. */
  readonly nodes?: number;
  /** What if the input were otherwise? */
  readonly whatIf?: Supposed;
}

/** A flag has a value that is none. */
export class FlagError extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}
