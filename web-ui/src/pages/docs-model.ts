// An OpenAPI description, turned into what a page shows: operations by tag, fields of schemas in words,
// a body to begin with, a command line. Pure; whatever the description lacks is left out.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  pattern?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  description?: string;
  required?: boolean;
  schema?: Schema;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
  description?: string;
}

interface Described {
  tags?: string[];
  operationId?: string;
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: Content;
  responses?: Record<string, Content>;
}

export interface Description {
  openapi?: string;
  info?: { title?: string; version?: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths?: Record<string, Record<string, Described>>;
  components?: { schemas?: Record<string, Schema> };
}

export interface Answer {
  status: string;
  words: string;
  type: string | null;
  schema: Schema | null;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  words: string;
  parameters: Parameter[];
  body: { type: string; schema: Schema } | null;
  answers: Answer[];
  /** It goes on until it is stopped. */
  endless: boolean;
}

export interface Group {
  name: string;
  words: string;
  operations: Operation[];
}

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

/** The operations by tag, in the order of the description. */
export function groups(api: Description): Group[] {
  const found = new Map<string, Group>();
  for (const { name, description } of api.tags ?? []) found.set(name, { name, words: description ?? "", operations: [] });
  for (const [path, item] of Object.entries(api.paths ?? {})) {
    for (const method of METHODS) {
      const described = item[method];
      if (!described) continue;
      const tag = described.tags?.[0] ?? "other";
      if (!found.has(tag)) found.set(tag, { name: tag, words: "", operations: [] });
      found.get(tag)?.operations.push(operation(path, method, described));
    }
  }
  return [...found.values()].filter((group) => group.operations.length > 0);
}

function operation(path: string, method: string, described: Described): Operation {
  const [type, body] = Object.entries(described.requestBody?.content ?? {})[0] ?? [];
  const answers = Object.entries(described.responses ?? {}).map(([status, answer]) => {
    const [type, content] = Object.entries(answer.content ?? {})[0] ?? [];
    return { status, words: answer.description || (STATUSES[status] ?? ""), type: type ?? null, schema: content?.schema ?? null };
  });
  return {
    id: described.operationId ?? `${method}${path.replace(/\W+/g, "-")}`,
    method: method.toUpperCase(),
    path,
    summary: described.summary ?? "",
    words: described.description ?? "",
    parameters: described.parameters ?? [],
    body: type && body?.schema ? { type, schema: body.schema } : null,
    answers,
    endless: answers.some((answer) => answer.type === "text/event-stream"),
  };
}

const STATUSES: Record<string, string> = {
  "200": "Done",
  "201": "Made",
  "204": "Done; nothing to tell",
  "400": "The request makes no sense",
  "401": "A token is needed",
  "403": "Not allowed",
  "404": "There is no such thing",
  "409": "It exists already",
  "413": "Too large",
  "415": "Not that content type",
  "422": "Understood, but impossible",
  "429": "Too often",
  "503": "Not now",
};

/** The name in a reference: `#/components/schemas/Info` is `Info`. */
export function nameOf(schema: Schema): string | null {
  return schema.$ref?.split("/").at(-1) ?? null;
}

export function resolve(api: Description, schema: Schema): Schema {
  const name = nameOf(schema);
  const target = name === null ? null : api.components?.schemas?.[name];
  return target ? { ...target, description: schema.description ?? target.description ?? "" } : schema;
}

/** A type in words: "integer or null", "list of Viewer", "source, high or low". */
export function typeWords(schema: Schema): string {
  const name = nameOf(schema);
  if (name) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return [...new Set(choices.map(typeWords))].join(" or ");
  if (schema.allOf) return schema.allOf.map(typeWords).join(" and ");
  const types = [schema.type ?? "anything"].flat();
  return types.map((type) => (type === "array" ? `list of ${schema.items ? typeWords(schema.items) : "anything"}` : type)).join(" or ");
}

/** What a value may be, beyond its type: "1 to 120", "by default 5". */
export function limits(schema: Schema): string {
  const said: string[] = [];
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined) said.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined && minimum !== 0) said.push(`at least ${minimum}`);
  else if (maximum !== undefined) said.push(`at most ${maximum}`);
  if (schema.maxLength !== undefined) said.push(`at most ${schema.maxLength} characters`);
  if (schema.format === "date-time") said.push("RFC 3339");
  if (schema.default !== undefined && schema.default !== null) said.push(`by default ${JSON.stringify(schema.default)}`);
  return said.join(", ");
}

export interface Row {
  name: string;
  required: boolean;
  type: string;
  words: string;
  limits: string;
}

/** The fields of an object, those of all its parts. */
export function rows(api: Description, schema: Schema): Row[] {
  const whole = resolve(api, schema);
  const parts = (whole.allOf ?? []).flatMap((part) => rows(api, part));
  const required = new Set(whole.required ?? []);
  const own = Object.entries(whole.properties ?? {}).map(([name, field]) => ({
    name,
    required: required.has(name),
    type: typeWords(field),
    words: field.description ?? field.oneOf?.find((one) => one.description)?.description ?? "",
    limits: limits(field),
  }));
  return [...parts, ...own];
}

/** A value to begin with. Of an object only what must be there or has an example: the rest is optional. */
export function sample(api: Description, schema: Schema, depth = 0): unknown {
  const whole = resolve(api, schema);
  const given = whole.example ?? whole.examples?.[0];
  if (given !== undefined) return given;
  if (whole.enum) return whole.enum[0];
  if (depth > 4) return null;
  if (whole.allOf) return Object.assign({}, ...whole.allOf.map((part) => sample(api, part, depth + 1)));
  const choice = (whole.oneOf ?? whole.anyOf)?.[0];
  if (choice) return sample(api, choice, depth + 1);
  switch ([whole.type].flat()[0]) {
    case "object": {
      const wanted = Object.entries(whole.properties ?? {}).filter(([name, field]) => whole.required?.includes(name) || field.example !== undefined);
      return Object.fromEntries(wanted.map(([name, field]) => [name, sample(api, field, depth + 1)]));
    }
    case "array":
      return whole.items ? [sample(api, whole.items, depth + 1)] : [];
    case "integer":
    case "number":
      return whole.minimum ?? 0;
    case "boolean":
      return false;
    case "string":
      return "";
    default:
      return null;
  }
}

/** The address of an operation with these values; what is empty is left out. */
export function address(operation: Operation, values: Record<string, string>): string {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] || name));
  const query = new URLSearchParams();
  for (const { name, in: place } of operation.parameters) {
    if (place === "query" && values[name]) query.set(name, values[name]);
  }
  return `${path.replace(/^\//, "")}${query.size ? `?${query}` : ""}`;
}

/** The command line that does the same. */
export function curl(operation: Operation, url: string, body: string | null): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = ["curl"];
  if (operation.endless) parts.push("-N");
  if (operation.method !== "GET") parts.push(`-X ${operation.method}`);
  if (body !== null) parts.push(`-H ${quote(`Content-Type: ${operation.body?.type ?? "application/json"}`)}`, `-d ${quote(body)}`);
  parts.push(/^[\w:/.?=&%\[\]-]+$/.test(url) && !url.includes("&") && !url.includes("?") ? url : quote(url));
  return parts.join(" ");
}
