import { ALL_KINDS, type Kind, nameOfKind } from '../kubernetes/kinds.ts';

/** The lists of a Topology that are no Kubernetes objects: what their items are called, and where they are. */
export const OWN_LISTS = {
  Router: ['underlay', 'routers'],
  Segment: ['underlay', 'segments'],
  Client: ['internet', 'clients'],
} as const;

export type OwnKind = keyof typeof OWN_LISTS;

/** As kubectl abbreviates them: kubectl api-resources. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  Node: ['no'],
  Namespace: ['ns'],
  Pod: ['po'],
  Service: ['svc'],
  Endpoints: ['ep'],
  ConfigMap: ['cm'],
  Ingress: ['ing'],
  NetworkPolicy: ['netpol'],
  Deployment: ['deploy'],
  DaemonSet: ['ds'],
  StatefulSet: ['sts'],
  ReplicaSet: ['rs'],
  CronJob: ['cj'],
  Gateway: ['gtw'],
  GatewayClass: ['gc'],
  ReferenceGrant: ['refgrant'],
  AdminNetworkPolicy: ['anp'],
  BaselineAdminNetworkPolicy: ['banp'],
  CiliumNetworkPolicy: ['cnp'],
  CiliumClusterwideNetworkPolicy: ['ccnp'],
};

const NAMES = [...new Set([...ALL_KINDS.map(nameOfKind), ...Object.keys(OWN_LISTS)])];

const plural = (word: string): string => {
  if (word === 'endpoints') return word;
  if (word.endsWith('s')) return `${word}es`;
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
};

const byWord: ReadonlyMap<string, string> = new Map(
  NAMES.flatMap((name) => [name.toLowerCase(), plural(name.toLowerCase()), ...(SHORT[name] ?? [])].map((word) => [word, name] as const)),
);

export const KIND_WORDS: readonly string[] = [...byWord.keys()];

/** The kind that a word stands for, as objects have it: `NetworkPolicy` for netpol; null: none that is read. */
export const kindOfWord = (word: string): string | null => byWord.get(word.toLowerCase()) ?? null;

/** Kinds of a name: several APIs have a NetworkPolicy. */
export const kindsNamed = (name: string): readonly Kind[] => ALL_KINDS.filter((kind) => nameOfKind(kind) === name);

export const isOwnKind = (name: string): name is OwnKind => Object.hasOwn(OWN_LISTS, name);
