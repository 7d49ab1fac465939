/**
 * Hosts of their own out of Linux namespaces, as seen from within: each member has an address and lines
 * that the kernel keeps to. Nothing leads out of it, and it ends with its first process.
 *
 * @module
 */
import type { Net, PlannedMember } from "../scenario/run_plan.ts";
import type { Ground } from "./ground.ts";

/** Network of the hosts. */
const NETWORK = "10.77.0";
const HUB = `${NETWORK}.254`;
/** How long packets may wait before a line. */
const QUEUE = "300ms";
/**
 * Bytes that the system takes for a connection: at least, at first, most. Else all that was asked for
 * lies in buffers, where it cannot be taken back.
 */
const BUFFERS = "4096 16384 65536";

/**
 * Makes the hosts, then becomes the command behind its arguments, with one more: `kernel` where it
 * delays and loses packets, `wires` where they have to. Arguments: latency (ms; `wires`: it is theirs)
 * and jitter (ms), loss (%), and for each host `UP:DOWN` in bytes/s and burst in bytes, 0 for no limit.
 */
const SCRIPT = `set -eu
latency=$1 jitter=$2 loss=$3 hosts=$4
shift 4
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
ip link set lo up
ip link add br0 type bridge mcast_snooping 0
ip addr add ${HUB}/24 dev br0
ip link set br0 up
echo "${BUFFERS}" > /proc/sys/net/ipv4/tcp_wmem
delays=kernel k=1
for lines in $hosts; do
  up=\${lines%%:*} down=\${lines#*:}
  ip netns add "h$k"
  ip link add "v$k" type veth peer name eth0 netns "h$k"
  # A line carries packets, not what the system puts together of them.
  ip link set "v$k" gso_max_segs 1 master br0 up
  ip -n "h$k" link set lo up
  ip -n "h$k" addr add "${NETWORK}.$k/24" dev eth0
  ip -n "h$k" link set eth0 gso_max_segs 1 up
  ip netns exec "h$k" sh -c 'echo "${BUFFERS}" > /proc/sys/net/ipv4/tcp_wmem'
  place="root handle 10:"
  if [ "$up" -gt 0 ]; then
    tc -n "h$k" qdisc add dev eth0 root handle 1: tbf rate "$((up * 8))bit" burst "$((up / 250 + 4096))" latency ${QUEUE}
    place="parent 1:1 handle 10:"
  fi
  [ "$down" -eq 0 ] || tc qdisc add dev "v$k" root handle 1: tbf rate "$((down * 8))bit" burst "$((down / 250 + 4096))" latency ${QUEUE}
  if [ "$latency" = wires ]; then delays=wires; else
    tc -n "h$k" qdisc add dev eth0 $place netem delay "\${latency}ms" "\${jitter}ms" loss "$loss%" limit 10000 2>/dev/null || delays=wires
  fi
  k=$((k + 1))
done
exec "$@" "$delays"
`;

/** Namespaces of everything that a host has of its own; all ends with the first process. */
const UNSHARE = ["unshare", "-U", "-r", "-n", "-m", "-p", "-f", "--mount-proc", "--kill-child"];

/** The command that makes hosts for members and then becomes another one within them. */
export function hostsCommand(
  members: readonly PlannedMember[],
  { latency, jitter, loss, pairs }: Net,
  command: readonly string[],
): readonly string[] {
  const lines = members.map(({ up, down }) => `${Math.round(up ?? 0)}:${Math.round(down ?? 0)}`);
  return [
    ...UNSHARE,
    ...["/bin/sh", "-c", SCRIPT, "vtorrent-hosts"],
    // The kernel delays what leaves a host, whoever it is for: what differs by pair is the wires'.
    ...[pairs === undefined ? latency : "wires", jitter, 100 * loss].map(String),
    lines.join(" "),
    ...command,
  ];
}

/** The hosts, from within. */
export class HostNetwork implements Ground {
  readonly hub = HUB;
  readonly shapes: { readonly rates: true; readonly delays: boolean };

  readonly #members: readonly string[];

  /** @param members their ids, in the order in which the hosts were made */
  constructor(members: readonly string[], delays: "kernel" | "wires") {
    this.#members = members;
    this.shapes = { rates: true, delays: delays === "kernel" };
  }

  addressOf(member: string): string {
    return `${NETWORK}.${this.#hostOf(member)}`;
  }

  commandOf(member: string, argv: readonly string[]): readonly string[] {
    return ["ip", "netns", "exec", `h${this.#hostOf(member)}`, ...argv];
  }

  /** @throws {Error} where the kernel refuses */
  async setRates(member: string, { up, down }: { up?: number; down?: number }): Promise<void> {
    const host = this.#hostOf(member);
    if (up !== undefined) await setRate(["-n", `h${host}`], "eth0", up);
    if (down !== undefined) await setRate([], `v${host}`, down);
  }

  /** From 1. */
  #hostOf(member: string): number {
    return this.#members.indexOf(member) + 1;
  }
}

async function setRate(where: readonly string[], device: string, rate: number): Promise<void> {
  const { success, stderr } = await new Deno.Command("tc", {
    args: [
      ...where,
      ...["qdisc", "change", "dev", device, "root", "handle", "1:", "tbf"],
      ...["rate", `${Math.round(rate) * 8}bit`, "burst", String(Math.ceil(rate / 250) + 4096)],
      ...["latency", QUEUE],
    ],
    ...{ stdin: "null", stdout: "null", stderr: "piped" },
  }).output();
  if (!success) throw new Error(`tc: ${new TextDecoder().decode(stderr).trim()}`);
}
