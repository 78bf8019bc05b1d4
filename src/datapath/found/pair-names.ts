/** No plugin calls an end of a pair so: bridges, tunnels and VPNs, NICs. */
const NO_PAIR =
  /^(docker|br-|virbr|lxdbr|cni\d|cbr\d|kube-bridge|weave$|flannel|vxlan|genev|wg|tun|tap|tailscale|zt|ppp|bond|dummy|nodelocaldns|kube-ipvs|ovs|cilium_|eth\d|en[ospx]|em\d|wl|lo$)/;

/** May an end of a pair that leads to a pod be called so? */
export const mayBePair = (name: string): boolean => !NO_PAIR.test(name);
