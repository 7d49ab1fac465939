/**
 * JSON schema (2020-12) of a table of keys, for editors.
 *
 * @module
 */
import type { Form, Keys } from "./form.ts";

/** The schema of a whole file. */
export function fileSchema(title: string, keys: Keys): Record<string, unknown> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...objectSchema(keys),
  };
}

/** The schema of one object. */
export function objectSchema(keys: Keys): Record<string, unknown> {
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(keys).map(([name, { form, says }]) => [
        name,
        { description: says, ...formSchema(form) },
      ]),
    ),
    required: Object.keys(keys).filter((name) => keys[name]!.required),
  };
}

function formSchema(form: Form): Record<string, unknown> {
  switch (form.is) {
    case "text":
      return form.words === undefined ? { type: "string" } : { enum: form.words };
    case "number":
      return {
        type: form.isReal ? "number" : "integer",
        minimum: form.least,
        maximum: form.most,
      };
    case "switch":
      return { type: "boolean" };
    case "seconds":
      return { type: "string", pattern: "^\\d+(\\.\\d+)?(ms|s|m)$" };
    case "written":
      return {
        type: "string",
        ...(form.pattern === undefined ? {} : { pattern: form.pattern }),
      };
    case "texts":
      return { type: "array", items: { type: "string" } };
    case "list":
      return { type: "array", items: formSchema(form.of) };
    case "object":
      return objectSchema(form.keys);
    case "map":
      return { type: "object", additionalProperties: formSchema(form.of) };
    case "either":
      return { anyOf: form.of.map(formSchema) };
    case "own":
      return { ...form.schema };
  }
}
