/**
 * The whole program with a planted throw, for a process of its own. What is planted, and the name of
 * the torrent that is hit, come from the environment.
 *
 * @module
 */
import { main } from "../../main.ts";
import { FileStore } from "../../peer/storage/file_store.ts";
import type { Torrent } from "../../peer/torrent/torrent.ts";
import { meeting, plant, Planted } from "./planted.ts";

/** Parts of one torrent that throw. */
const PARTS: Readonly<Record<string, (torrent: Torrent) => void>> = {
  block: ({ exchange }) => void plant(exchange.download, "accept"),
  tick: ({ exchange }) => void plant(exchange, "tick"),
  read: ({ init }) => void plant(init.store, "readRange"),
};

const part = PARTS[Deno.env.get("PLANT") ?? ""];
if (part !== undefined) {
  meeting((one) => {
    if (one.name === Deno.env.get("PLANT_IN") && "exchange" in one) part(one);
  });
}
if (Deno.env.get("PLANT") === "open") {
  // As the system does with who takes all of its memory.
  const { open } = FileStore;
  FileStore.open = (options) => {
    if (options.files[0]!.path === Deno.env.get("PLANT_IN")) Deno.kill(Deno.pid, "SIGKILL");
    return open(options);
  };
}
if (Deno.env.get("PLANT") === "nobody's") {
  // What no part of the program catches.
  setTimeout(() => {
    throw new Planted();
  }, 200);
  setTimeout(() => void Promise.reject(new RangeError("floating")), 300);
  setInterval(() => {
    throw new Error("again and again");
  }, 20);
}
Deno.exit(await main());
