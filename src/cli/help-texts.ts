/** What the help of a command says below its flags. */

export const CHECK_HELP = `
Reports (-o FORMAT or -o FORMAT=FILE, several at once): text (the default), json, junit, sarif, github, gitlab, tap, markdown

  k8s-trace check -f topology.yaml -o junit=report.xml -o github
  k8s-trace check -f topology.yaml -o text -o markdown=$GITHUB_STEP_SUMMARY

Exit status: 0 all hold, 1 some do not, 2 the input does not allow an answer, 3 some are undetermined and none fails.`;

export const MATRIX_HELP = `
WHO and WHOM (repeatable, commas separate): names as of a trace (deploy/web, shop/pod-a, node/node-1, 198.51.100.0/24), namespace/shop, labels
  (app=web, 'app in (a,b)', '!canary'), or workloads, services, nodes, internet; left out: workloads, nodes and the internet

Examples:
  k8s-trace matrix -f topology.yaml              all of it, at the ports that everybody states
  k8s-trace matrix --to deploy/db                what can reach the database?
  k8s-trace matrix --to services --from internet what is open to the internet
  k8s-trace matrix --to namespace/shop --blocked what cannot, too, and the code that stops it
  k8s-trace matrix -p 22 -p 53/udp               these ports, asked of everybody
  k8s-trace matrix --any-port --to deploy/db     what would be open if somebody listened: all ports, as ranges
  k8s-trace matrix -o html=matrix.html           a page to look around in, with what stops the others
  k8s-trace matrix -o csv > matrix.csv           for a spreadsheet; -o json for scripts, -o markdown for a comment
  k8s-trace matrix --shard 2/4 -o json=part-2.json  a part of the rows, on one of four machines
  k8s-trace matrix --merge part-*.json           the parts together

Exit status: 0 once it is computed, whatever it says; 2 the input does not allow it.`;

export const SHOW_HELP = `
Examples:
  k8s-trace show -f topology.yaml               nodes, pods, services; with -n, those of a namespace
  k8s-trace show services -n shop               those, and why one has no endpoint
  k8s-trace show cluster -f dump.json           what is known about the cluster, how sure it is, and where it was read
  k8s-trace show node node-1 --rules            what kube-proxy writes there
  k8s-trace show topology > topology.yaml       the built-in cluster as a file, to begin with: it reads none`;

export const POLICY_HELP = `
Policies at both ends count: what is allowed here may be blocked at the peer's end. Ports are those that a pod gets, after the translation of a service. Whether
packets find their way is another question: k8s-trace SOURCE DESTINATION answers it.
-v: what is blocked, too, rule by rule. Formats (-o FORMAT or -o FORMAT=FILE): table (the default), json, yaml, markdown

Examples:
  k8s-trace policy shop/db-0 -f cluster.yaml        what may reach it, what it may reach, and which rule says so
  k8s-trace policy deploy/api -n shop -v            a pod of a workload, with what is blocked
  k8s-trace policy db-0 -n shop --network-policy calico   as Calico would enforce the policies
  k8s-trace policy shop/db-0 -o markdown            for a comment or a page

Exit status: 0 when there is an answer, 2 when the input does not allow one.`;

export const DIFF_HELP = `
BEFORE and AFTER: a file, a directory (-R: with those below it), - for standard input, or git:REVISION:PATH, as your git has it.
What is compared: every connection of a matrix, those that are blocked too, and calls to the services that differ; with --expectations, what the inputs expect.
Facts about the cluster (--cni, …) are those of both inputs.
Reports (-o FORMAT or -o FORMAT=FILE, several at once): text (the default), json, markdown, github, html

Examples:
  k8s-trace diff before.yaml after.yaml                what is lost, gained or changed, and the lines that made it so
  k8s-trace diff git:main:deploy deploy -R             what this branch does
  k8s-trace diff git:HEAD~1:cluster.yaml cluster.yaml --to deploy/db
  k8s-trace diff cluster.json --with patch.yaml        what this patch would do (--without too)
  k8s-trace diff before.yaml after.yaml -o html=diff.html   a page to look around in
  k8s-trace diff old.json new.json --fail-on lost      fails only when something is lost
  k8s-trace diff git:origin/main:deploy deploy -o github -o markdown=$GITHUB_STEP_SUMMARY

Exit status: 0 the same (--fail-on: none of these kinds), 1 not the same, 2 the inputs do not allow an answer.`;

export const DRIFT_HELP = `
What is asked: the flows of the input's expectations; else every pair of pods, services, nodes and the internet that touches a node whose state is given.
Each is followed through the nodes as the objects say that they should be, and as they were found; what makes a flow end otherwise is found by putting it back.
Formats (-o FORMAT or -o FORMAT=FILE): text (the default), json, yaml, markdown

Examples:
  k8s-trace drift -f cluster.json --node-state state     state/node-1/iptables-save and so on: k8s-trace collect --print
  k8s-trace drift node-1 -f cluster.json --node-state state   only what was found on node-1
  k8s-trace drift -f topology.yaml --node-state state --to svc/web
  k8s-trace drift -f topology.yaml --node-state state --size 1500   by packets that need the whole MTU
  k8s-trace drift -f cluster.json --node-state state -o json | jq '.flows[].cause.source'

Exit status: 0 all flows end as they should, 1 some do not, 2 the input does not allow an answer, 3 of some it is not known.`;

export const SNAPSHOT_HELP = `
-o FILE: where it goes; without, standard output. It has what is read and nothing else: no Secret, no environment but a few variables of CNI plugins, ConfigMaps of the cluster's own programs.

Examples:
  k8s-trace snapshot -o cluster.json            the cluster of your own kubectl, which reads only
  k8s-trace -f cluster.json shop/web svc/db     anywhere else, later: the same answer
  k8s-trace snapshot -R -f bundle/ > small.json what there is already, pruned
  k8s-trace snapshot --print                    the commands, for who has kubectl alone`;

export const COMPLETION_HELP = `
Names of pods, services and nodes are those of -f, or of what a trace would read without it.

Examples:
  source <(k8s-trace completion bash)                                   in ~/.bashrc
  source <(k8s-trace completion zsh)                                    in ~/.zshrc, after compinit
  k8s-trace completion fish > ~/.config/fish/completions/k8s-trace.fish
  k8s-trace completion powershell | Out-String | Invoke-Expression      in $PROFILE`;

export const COLLECT_HELP = `
The script reads only: iptables-save, nft list ruleset, ip, bridge, ipset, ipvsadm, ss, conntrack, sysctl. What is not installed is left out, and says so.

Examples:
  k8s-trace collect --print >collect.sh                 the script; its first lines say how to run it by kubectl debug
  k8s-trace collect --print -f cluster.json >collect.sh   a line of kubectl debug for each node
  sh collect.sh node-state                              on a node, as root
  k8s-trace pod-a svc/web -f cluster.json --node-state node-state`;
