/** No plugin calls an end of a pair so: bridges, tunnels and VPNs, NICs. */
const NO_PAIR =
  /^(docker|br-|virbr|lxdbr|cni\d|cbr\d|kube-bridge|weave$|flannel|vxlan|genev|wg|tun|tap|tailscale|zt|ppp|bond|dummy|nodelocaldns|kube-ipvs|ovs|cilium_|eth\d|en[ospx]|em\d|wl|lo$)/;

/** May an end of a pair that leads to a pod be called so? */
export const mayBePair = (name: string): boolean => !NO_PAIR.test(name);

/** Tunnels, VPNs, NICs, and ends that OVS or BPF programs have: none of them is a bridge of the kernel's. */
const NO_BRIDGE =
  /^(flannel|vxlan|genev|wg|tun|tap|tailscale|zt|ppp|ipsec|gre|sit|ip6tnl|dummy|ovs|ovn-k8s-mp|antrea-gw|cilium_|lxc[0-9a-f]|cali|veth|eni|eth\d|en[ospx]|em\d|wl|lo$)/;

/** May the device be a bridge? Its name decides where its type is not known. */
export const mayBeBridge = ({ name, type }: { readonly name: string; readonly type: string | null }): boolean =>
  type === null ? !NO_BRIDGE.test(name) : type === 'bridge';
