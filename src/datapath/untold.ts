/**
 * What was to be told of a machine, and is not: a text ends too early, or another command printed it. `what`: as `the rest of chain FORWARD`;
 * `because`: as `iptables-save is cut off here`; `command`: prints all of it.
 */
export interface Untold {
  readonly what: string;
  readonly because: string;
  readonly command: string;
}
