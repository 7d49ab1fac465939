/**
 * Sources that are left out, in words.
 *
 * @module
 */
import { type LeftOut, MAX_URL, NONE_LEFT_OUT } from "../../protocol/mod.ts";
import { formatCount } from "../base/format.ts";

/** Each kind of them, as `8 web seeds`. */
export function leftOutParts(leftOut: LeftOut = NONE_LEFT_OUT): string[] {
  const { webSeeds, peers, nodes, longUrls } = leftOut;
  return [
    webSeeds > 0 && formatCount(webSeeds, "web seed"),
    peers > 0 && formatCount(peers, "peer"),
    nodes > 0 && formatCount(nodes, "DHT node"),
    longUrls > 0 && `${formatCount(longUrls, "URL")} of more than ${MAX_URL} characters`,
  ].filter((part) => part !== false);
}

/** As `left out of what it names: 8 web seeds, 3 DHT nodes`. */
export function leftOutWords(leftOut: LeftOut): string {
  return `left out of what it names: ${leftOutParts(leftOut).join(", ")}`;
}
