import { type Command, Option } from 'commander';
import type { FactFlags } from '../index.ts';

/** Flags that every command has, before its name or after it. */
export interface GlobalFlags extends FactFlags {
  readonly nodes?: string;
  readonly filename?: readonly string[];
  /** Files of changes that are supposed. */
  readonly with?: readonly string[];
  /** Things that are supposed to be gone. */
  readonly without?: readonly string[];
  /** What commands printed on nodes: paths, or `NODE=PATH`. */
  readonly nodeState?: readonly string[];
  readonly recursive?: boolean;
  readonly live?: boolean;
  /** Of kubectl. */
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly output?: readonly string[];
  readonly verbose?: boolean;
  readonly color?: string | false;
  readonly width?: string;
}

/** The flags of commands that send a packet. */
export interface PacketFlags extends GlobalFlags {
  readonly port?: string;
  readonly protocol?: string;
  readonly size?: string;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly over?: string;
  readonly in?: string;
  readonly family?: string;
  /** -4 */
  readonly 4?: boolean;
  /** -6 */
  readonly 6?: boolean;
}

export interface TraceFlags extends PacketFlags {
  readonly quiet?: boolean;
  readonly allPaths?: boolean;
  readonly allSources?: boolean;
  readonly reply?: boolean;
  readonly withDns?: boolean;
  readonly established?: boolean;
}

export interface ShowFlags extends GlobalFlags {
  readonly rules?: boolean;
}

export interface MatrixFlags extends GlobalFlags {
  readonly shard?: string;
  readonly merge?: boolean;
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly port?: readonly string[];
  readonly protocol?: string;
  readonly anyPort?: boolean;
  readonly pods?: boolean;
  readonly blocked?: boolean;
  readonly force?: boolean;
  readonly family?: string;
  /** -4 */
  readonly 4?: boolean;
  /** -6 */
  readonly 6?: boolean;
}

export interface DiffFlags extends Omit<MatrixFlags, 'blocked' | 'force'> {
  readonly expectations?: boolean;
  readonly failOn?: readonly string[];
  readonly quiet?: boolean;
}

export interface CollectFlags extends GlobalFlags {
  readonly print?: boolean;
  readonly image?: string;
}

export interface DriftFlags extends Omit<MatrixFlags, 'anyPort' | 'pods' | 'blocked' | 'shard' | 'merge'> {
  readonly expectations?: boolean;
  readonly size?: string;
}

export interface SnapshotFlags extends GlobalFlags {
  readonly print?: boolean;
}

export interface CheckFlags extends GlobalFlags {
  readonly quiet?: boolean;
  readonly undetermined?: string;
  readonly failOn?: string;
}

export interface ValidateFlags extends GlobalFlags {
  readonly select?: readonly string[];
  readonly ignore?: readonly string[];
  readonly failOn?: string;
}

export interface LabFlags extends PacketFlags {
  readonly name?: string;
  readonly all?: boolean;
}

/** Of a flag that may be there several times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The flags that say who is asked about, and what. */
export function addSelectionOptions(command: Command): Command {
  return addEndsOptions(command)
    .option('--any-port', 'all ports and protocols, as ranges, as far as policies and rules go, whoever listens')
    .option('--pods', 'each pod and each node for itself, not by its workload');
}

/** Those of pods and nodes that are asked about by themselves. */
export function addEndsOptions(command: Command): Command {
  return command
    .option('--from <who>', 'the rows: who calls; repeatable', collect)
    .option('--to <whom>', 'the columns: who is called; repeatable', collect)
    .option('-p, --port <port>', 'ask this port of everybody: 80, 53/udp, http, icmp; repeatable', collect)
    .option('--protocol <name>', 'of what is asked, only tcp, udp, sctp or icmp')
    .option('--family <name>', 'IPv4 or IPv6: only one of the IP families')
    .option('-4', 'the same as --family IPv4')
    .option('-6', 'the same as --family IPv6');
}

export function addMatrixOptions(command: Command): Command {
  return addSelectionOptions(command)
    .option('--blocked', 'what does not arrive, too, with the code that stops it')
    .option('--shard <i/n>', 'a part of the rows only, as JSON: 1/4 is the first of four')
    .option('--merge', 'the operands are files with all parts: print what one run would have printed')
    .option('--force', 'however large it is');
}

/** The flags that say what is sent. */
export function addPacketOptions(command: Command): Command {
  return command
    .option('-p, --port <port>', "the destination's port, by number or name")
    .addOption(new Option('--protocol <name>', 'tcp, udp, sctp or icmp'))
    .option('--method <name>', 'of a request to a URL (default: GET)')
    .option('-H, --header <name: value>', 'of a request to a URL; repeatable', collect)
    .option('--size <bytes>', 'then send a data packet of this size (a datagram: as the first), which must not be fragmented')
    .option('--in <[node/]device>', 'where packets of a source come in of which only the address is known (default: the way back to it)')
    .option('--over <what>', 'network, or what containers share beside it: ipc or volume')
    .option('--family <name>', 'IPv4 or IPv6: ask only one of the IP families that both ends have')
    .option('-4', 'the same as --family IPv4')
    .option('-6', 'the same as --family IPv6');
}
