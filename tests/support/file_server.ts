/**
 * A web server with ranges for the files of a folder, until it is killed, as a program: `FOLDER HOST
 * PORT` are its arguments. Prints "ready" when it listens.
 *
 * @module
 */
import { join, normalize } from "@std/path";
import process from "node:process";
import { part, rangeOf } from "./web_server.ts";

const [folder, hostname, port] = Deno.args;
const onListen = () => process.stdout.write("ready\n");
Deno.serve({ hostname: hostname!, port: Number(port), onListen }, async (request) => {
  const path = normalize(decodeURIComponent(new URL(request.url).pathname));
  const file = await Deno.readFile(join(folder!, path)).catch(() => undefined);
  if (file === undefined) return new Response("no such file", { status: 404 });
  if (!request.headers.has("range")) return new Response(file);
  const { from, to } = rangeOf(request);
  return part(file, from, Math.min(to, file.length - 1));
});
