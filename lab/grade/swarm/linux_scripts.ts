/**
 * The shell that makes hosts out of Linux namespaces, and enters them. Nothing here needs root: all
 * happens in a user namespace of its own.
 *
 * @module
 */

/** Network of the hosts; h5 is 10.77.0.5. */
export const NETWORK = "10.77.0";

/**
 * First process of the world. Arguments: the run's folder, the world's within it, hosts, rate (bit/s), burst (bytes), `nft` or ``,
 * lines for every hosts file, extra addresses (`HOST=ADDRESS …`), redirects (`FROM:TO …`), folders to
 * cover. When its standard input ends it ends, and with it every process in its PID namespace.
 */
export const WORLD_SCRIPT = `set -eu
root=$1 folder=$2 hosts=$3 rate=$4 burst=$5 nft=$6 names=$7 addresses=$8 redirects=$9
shift 9
mount -t tmpfs -o size=64m tmpfs /run
mkdir -p /run/netns /run/kept
mount --bind "$root" /run/kept
for cover; do mount -t tmpfs -o size=256m,mode=1777 tmpfs "$cover" 2>/dev/null || :; done
mkdir -p "$root"
mount --bind /run/kept "$root"
writable=" $root $* "
echo 1 > /proc/sys/net/ipv4/ip_forward
echo "nameserver ${NETWORK}.254" > "$folder/resolv"
folders= lines= links= k=1
while [ "$k" -le "$hosts" ]; do
  folders="$folders h$k"
  lines="\${lines}${NETWORK}.$k h$k
"
  links="\${links}netns add h$k
link add v$k type veth peer name eth0 netns h$k
link set v$k master br0 up
"
  k=$((k + 1))
done
ip -b - <<IP
link set lo up
link add br0 type bridge mcast_snooping 0
addr add ${NETWORK}.254/24 dev br0
link set br0 up
route add unreachable default
$links
IP
(cd "$folder" && mkdir -p $folders)
k=1
while [ "$k" -le "$hosts" ]; do
  more=
  for pair in $addresses; do
    if [ "h$k" = "\${pair%%=*}" ]; then more="\${more}addr add \${pair#*=}/32 dev eth0
"
    else more="\${more}route add \${pair#*=} dev eth0
"; fi
  done
  ip -n "h$k" -b - <<IP
link set lo up
addr add ${NETWORK}.$k/24 brd + dev eth0
link set eth0 up
route add default via ${NETWORK}.254
$more
IP
  tc -n "h$k" qdisc replace dev eth0 root tbf rate "\${rate}bit" burst "$burst" latency 300ms
  printf '127.0.0.1 ip4-loopback\\n%s%s\\n' "$lines" "$names" > "$folder/hosts.h$k"
  k=$((k + 1))
done
for pair in $redirects; do
  for host in $folders; do
    ip netns exec "$host" nft -f - <<NFT
table ip redirects {
  chain p {
    type nat hook prerouting priority -100;
    tcp dport \${pair%%:*} redirect to :\${pair#*:}
  }
}
NFT
  done
done
if [ -n "$nft" ]; then nft -f - <<'NFT'
table bridge w {
  set m { type ipv4_addr . ipv4_addr; flags dynamic; counter; size 4096; }
  set c { type ipv4_addr . ipv4_addr . inet_service; flags dynamic; counter; size 4096; }
  set r { type ipv4_addr . inet_service . ipv4_addr; flags dynamic; counter; size 4096; }
  chain p {
    type filter hook prerouting priority 0;
    tcp flags & (syn | ack) == syn add @c { ip saddr . ip daddr . tcp dport }
    tcp flags & (rst | ack) == (rst | ack) tcp sequence 0 add @r { ip saddr . tcp sport . ip daddr }
    ether type ip add @m { ip saddr . ip daddr }
  }
}
NFT
fi
while read -r _ _ _ _ at options _; do
  case $at in /proc|/proc/*|/sys|/sys/*|/dev|/dev/*|/run|/run/*) continue ;; esac
  case $at in *\\\\*) at=$(printf "$(printf %s "$at" | sed 's/%/%%/g')") ;; esac
  case $writable in *" $at "*) continue ;; esac
  kept=
  for option in nosuid nodev noexec noatime nodiratime relatime; do
    case ",$options," in *",$option,"*) kept="$kept$option," ;; esac
  done
  mount -o "remount,bind,\${kept}ro" "$at" 2>/dev/null || [ "$at" != / ] || echo "warning: / is writable" >&2
done < /proc/self/mountinfo
echo ready
read -r end || :
`;

/** Starts a program on a host. Arguments: folder, host, MiB or 0, command. Environment is set before. */
export const HOST_SCRIPT = `hostname "$2" 2>/dev/null
# Else a source that is killed still gives what its kernel holds.
echo "4096 16384 65536" > /proc/sys/net/ipv4/tcp_wmem
mount --bind "$1/hosts.$2" /etc/hosts
mount --bind "$1/resolv" /etc/resolv.conf 2>/dev/null
[ "$3" -eq 0 ] || ulimit -v $(($3 * 1024))
cd "$1/$2" && exec /bin/sh -c "$4"
`;

/** Writes its input over a file, and gives it its length. Arguments: path, length. */
export const WRITE_SCRIPT = `mkdir -p "\${1%/*}" && cat 1<> "$1" && truncate -s "$2" "$1"`;

/** Prints byte counts ten times a second, each time with a dot behind. */
export const NFT_SAMPLER = `while nft list set bridge w m && echo .; do sleep 0.1; done`;
export const DEVICE_SAMPLER = `while cat /proc/net/dev && echo .; do sleep 0.1; done`;

/** Ends (or stops) all processes of a host; twice, since one may just have started another. */
export const SIGNAL_SCRIPT = `for again in 1 2; do
  pids=$(ip netns pids "$1")
  [ -n "$pids" ] && kill -s "$2" $pids 2>/dev/null
done
:`;
