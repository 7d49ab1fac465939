/**
 * docs/openapi-*.json beside what is served: the same routes, and answers as they say.
 *
 * @module
 */
import { join } from "@std/path";
import { PeerApi } from "../../../shell/dashboard/peer_api.ts";
import type { ApiRoute } from "../../../shell/dashboard/api_router.ts";
import { TrackerApi } from "../../../shell/dashboard/tracker_api.ts";
import { TrackerPages } from "../../../shell/dashboard/tracker_page.ts";
import { startTracker, type TrackerView } from "../../../tracker/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { PagePeer } from "../../support/dashboard.ts";
import { someBytes } from "../../support/swarm.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly { name: string; in: string }[];
  readonly requestBody?: unknown;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, { content: Readonly<Record<string, Media>> }>>;
}

interface Media {
  readonly schema: Schema;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

function read(name: string): Document {
  const path = join(import.meta.dirname!, "..", "..", "..", "docs", `openapi-${name}.json`);
  return JSON.parse(Deno.readTextFileSync(path));
}

const ROUTES: Readonly<Record<string, readonly ApiRoute[]>> = {
  peer: new PeerApi({ engine: {} } as never).routes(),
  tracker: new TrackerApi({} as TrackerView).routes(),
};

for (const [name, routes] of Object.entries(ROUTES)) {
  Deno.test(`openapi-${name}.json has exactly the routes that are served`, () => {
    const documented = Object.entries(read(name).paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
    );
    const served = routes.map(({ method, path }) => `${method} /api/v1${path}`);
    assertEquals(documented.sort(), served.sort());
    for (const [path, operations] of Object.entries(read(name).paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const inPath = (operation.parameters ?? []).filter((one) => one.in === "path");
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, word]) => word!);
        assertEquals(inPath.map((one) => one.name), named);
        const isChange = name === "peer" && method === "post";
        assertEquals(operation.security !== undefined, isChange, `${method} ${path}`);
      }
    }
  });
}

/** Where a value is not as its schema says: every field is described, every promised one is there. */
function complaints(value: unknown, schema: Schema, document: Document, at: string): string[] {
  if (schema.$ref !== undefined) {
    const named = document.components.schemas[schema.$ref.split("/").at(-1)!];
    return named === undefined
      ? [`${at}: no ${schema.$ref}`]
      : complaints(value, named, document, at);
  }
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const types = [schema.type].flat();
  if (!types.includes(kind)) return [`${at} is ${kind}, not ${types.join(" or ")}`];
  if (schema.enum !== undefined && !schema.enum.includes(String(value))) return [`${at}: ${value}`];
  if (Array.isArray(value)) {
    return value.flatMap((one, index) =>
      complaints(one, schema.items!, document, `${at}[${index}]`)
    );
  }
  if (kind !== "object") return [];
  const fields = value as Record<string, unknown>;
  return [
    ...(schema.required ?? []).filter((key) => !(key in fields)).map((key) =>
      `${at}.${key} missing`
    ),
    ...Object.entries(fields).flatMap(([key, field]) => {
      const described = schema.properties?.[key];
      return described === undefined
        ? [`${at}.${key} is not described`]
        : complaints(field, described, document, `${at}.${key}`);
    }),
  ];
}

function jsonSchema(document: Document, path: string): Schema | undefined {
  return document.paths[path]?.["get"]?.responses["200"]?.content["application/json"]?.schema;
}

Deno.test("answers are as the OpenAPI files say", async () => {
  const pages = new TrackerPages();
  await using tracker = await startTracker({
    host: "127.0.0.1",
    port: 0,
    pages: (tracker) => pages.routes(tracker, []),
  });
  using _pages = pages;
  const trackers = [tracker.urls[0]!];
  await using peer = await PagePeer.start({ trackers });
  await peer.test.put("a/b.txt", someBytes(50_000));
  const { info_hash: infoHash } = (await peer.ask("/share", { path: "a" })).value as {
    info_hash: string;
  };
  await peer.test.until("announced");
  await peer.test.put("c.txt", someBytes(1));
  const bases = {
    peer: `http://127.0.0.1:${peer.page.port}`,
    tracker: `http://127.0.0.1:${tracker.port}`,
  };
  const found: string[] = [];
  let checked = 0;
  for (const [name, base] of Object.entries(bases)) {
    const document = read(name);
    for (const path of Object.keys(document.paths)) {
      const schema = jsonSchema(document, path);
      if (schema === undefined) continue;
      const url = base + path.replace("{info_hash}", infoHash).replace("{piece}", "0");
      const value = await (await fetch(url)).json();
      found.push(...complaints(value, schema, document, `${name} ${path}`));
      checked++;
    }
  }
  assertEquals(found, []);
  assert(checked >= 12, `${checked}`);
});
