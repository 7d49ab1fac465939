/**
 * One announce over HTTP, as a program: the URL with its query comes in, the reply goes out as JSON.
 *
 * @module
 */
import process from "node:process";
import { parseAnnounceReply } from "../../protocol/announce.ts";

const response = await fetch(Deno.args[0]!);
process.stdout.write(`${JSON.stringify(parseAnnounceReply(await response.bytes()))}\n`);
