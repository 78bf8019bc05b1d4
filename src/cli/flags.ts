import { type Command, Option } from 'commander';

/** Flags that every command has, before its name or after it. */
export interface GlobalFlags {
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
  readonly namespace?: string;
  readonly output?: readonly string[];
  readonly verbose?: boolean;
  readonly color?: string | false;
  readonly width?: string;
}

/** What is sent. */
export interface PacketFlags extends GlobalFlags {
  readonly port?: string;
  readonly protocol?: string;
  readonly size?: string;
  readonly over?: string;
}

export interface TraceFlags extends PacketFlags {
  readonly allPaths?: boolean;
  readonly reply?: boolean;
  readonly withDns?: boolean;
}

export interface ShowFlags extends GlobalFlags {
  readonly rules?: boolean;
}

export interface LabFlags extends PacketFlags {
  readonly name?: string;
  readonly all?: boolean;
}

/** The flags that say what is sent. */
export function addPacketOptions(command: Command): Command {
  return command
    .option('-p, --port <port>', "the destination's port, by number or name")
    .addOption(new Option('--protocol <name>', 'tcp, udp, sctp or icmp'))
    .option('--size <bytes>', 'then send a data packet of this size (a datagram: as the first), which must not be fragmented')
    .option('--over <what>', 'network, or what containers share beside it: ipc or volume');
}
