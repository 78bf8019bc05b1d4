import type { FactSource } from '../../../k8s/fact.ts';
import { argumentsInJson } from './arguments.ts';
import { type Clues, type Machine, remembered } from './clues.ts';
import type { AnnotationName } from './names-read.ts';
import { fieldOf } from './saying.ts';

/** k3s and rke2 write on each node what they were started with; what is not there has its default. */
const ANNOTATIONS: readonly AnnotationName[] = ['k3s.io/node-args', 'rke2.io/node-args'];

interface NodeArguments {
  readonly words: readonly string[];
  readonly flags: NonNullable<ReturnType<typeof argumentsInJson>>['flags'];
  readonly source: FactSource;
}

function nodeArguments({ object }: Machine): NodeArguments | null {
  if (object === null) return null;
  for (const key of ANNOTATIONS) {
    const text = object.data.metadata.annotations?.[key];
    const read = text === undefined ? null : argumentsInJson(text);
    if (read !== null) return { ...read, source: fieldOf(object, 'metadata', 'annotations', key) };
  }
  return null;
}

/** The arguments of a server: an agent's say nothing about the cluster. */
export const k3sServer = remembered((clues: Clues): NodeArguments | null => {
  for (const machine of clues.machines) {
    const read = nodeArguments(machine);
    if (read?.words[0] === 'server') return read;
  }
  return null;
});

/** A flag of the servers; the first of several that differ. */
export function k3sArgument(clues: Clues, name: string): { readonly value: string; readonly source: FactSource } | null {
  const server = k3sServer(clues);
  const found = server?.flags.findLast((f) => f.name === name);
  return server === null || found === undefined ? null : { value: found.value, source: server.source };
}

/** A flag of a component that the servers start: `--kube-proxy-arg=proxy-mode=ipvs`. */
export function k3sComponentArgument(
  clues: Clues,
  component: 'kube-proxy' | 'kube-apiserver' | 'kube-controller-manager' | 'kubelet',
  name: string,
): { readonly value: string; readonly source: FactSource } | null {
  const server = k3sServer(clues);
  const own = server?.flags.findLast((f) => f.name === `${component}-arg` && f.value.replace(/^--/, '').startsWith(`${name}=`));
  if (server === null || own === undefined) return null;
  return { value: own.value.slice(own.value.indexOf('=') + 1), source: server.source };
}
