/**
 * State that is not known, because a text is cut off or is of another command. `what`: as `the rest of chain FORWARD`; `because`: as
 * `iptables-save is cut off here`; `command`: prints all of it.
 */
export interface Untold {
  readonly what: string;
  readonly because: string;
  readonly command: string;
}
