import { type Diagnostic, formatDiagnostics, type InputFile, loadNetwork } from '../../src/index.ts';

/** The smallest topology, to which a test adds what it is about. The first line after it is line 6. */
export const SMALLEST = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
`;

export function file(text: string | Uint8Array, name = 'x.yaml'): InputFile {
  return { name, bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text };
}

/** What a user is told about the files, errors or warnings. */
export function told(...files: readonly InputFile[]): readonly Diagnostic[] {
  const loaded = loadNetwork(files);
  return loaded.ok ? loaded.warnings : loaded.diagnostics;
}

export function printed(files: readonly InputFile[], width = 100): string {
  return formatDiagnostics(told(...files), { color: false, width });
}

export const place = ({ file, place }: Diagnostic) => (place === null ? file : `${file}:${place.line}:${place.column}`);
