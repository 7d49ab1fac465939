/**
 * Tracker tap: messages with trackers as bytes, for explain mode and packet captures.
 *
 * @module
 */
import { concatBytes } from "../../protocol/concat_bytes.ts";
import type { Tapping, TrackerLink } from "../ports.ts";
import type { HttpWatcher } from "./http_request.ts";

const encoder = new TextEncoder();

/** What is no longer true of a body that the runtime's client has unpacked. */
const OF_THE_WAY = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "transfer-encoding",
]);

/**
 * Watches HTTP requests, if anybody listens in. The runtime's client shows no bytes: question and
 * answer are written down again from what it was asked and what it gives.
 */
export function watchHttp(tapping: Tapping | undefined): HttpWatcher | undefined {
  if (tapping?.current === undefined) return undefined;
  return ({ host, port, protocol, pathname, search }, method, address) => {
    const isTls = protocol === "https:";
    const link: TrackerLink = {
      transport: "tcp",
      // What is shown without its TLS would be taken for broken TLS at the port of that.
      remote: { host: address, port: isTls ? 80 : Number(port || 80) },
    };
    const say = (direction: "sent" | "received", head: string[], body: Uint8Array) => {
      const bytes = concatBytes([encoder.encode([...head, "", ""].join("\r\n")), body]);
      tapping.current?.trackerBytes?.(link, direction, bytes);
    };
    const path = pathname + search;
    const own = [`user-agent: ${navigator.userAgent}`, "accept: */*"];
    const shown = isTls ? `https://${host}${path}` : path;
    say("sent", [`${method} ${shown} HTTP/1.1`, `host: ${host}`, ...own], new Uint8Array());
    return {
      answered({ status, statusText, headers }, body) {
        const fields = [...headers].filter(([name]) => !OF_THE_WAY.has(name));
        const lines = fields.map(([name, value]) => `${name}: ${value}`);
        const first = `HTTP/1.1 ${status} ${statusText}`;
        say("received", [first, ...lines, `content-length: ${body.length}`], body);
      },
      [Symbol.dispose]: () => tapping.current?.trackerBytes?.(link, "sent", undefined),
    };
  };
}

/** Shows the datagrams of one exchange, if anybody listens in. */
export function watchUdp(
  tapping: Tapping | undefined,
  remote: TrackerLink["remote"],
  local: TrackerLink["remote"],
): (direction: "sent" | "received", bytes: Uint8Array) => void {
  const link: TrackerLink = { transport: "udp", remote, local };
  return (direction, bytes) => tapping?.current?.trackerBytes?.(link, direction, bytes);
}
