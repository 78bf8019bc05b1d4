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

/** What a command line says beside the files. */
export interface LoadOptions {
  /** Facts that flags state. */
  readonly flags?: FactFlags;
  /** On how many nodes manifests are taken to run. */
  readonly nodes?: number;
}

/** A flag has a value that is none. */
export class FlagError extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}
