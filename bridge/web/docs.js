// The API's description as a page, made from /v1/openapi.json with nothing else.
"use strict";

const $ = (id) => document.getElementById(id);
const METHODS = ["get", "post", "put", "patch", "delete"];
let components = {};

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

function resolved(schema) {
  const name = schema.$ref && schema.$ref.split("/").pop();
  return name ? { name, ...(components[name] || {}) } : schema;
}

// The shape of a schema in one line; the fields of objects are shown in a table of their own.
function typeName(schema) {
  const found = resolved(schema || {});
  if (found.name) return found.name;
  if (found.oneOf || found.anyOf) return (found.oneOf || found.anyOf).map(typeName).join(" or ");
  if (found.enum) return found.enum.map(String).join(" | ");
  if (found.type === "array") return `list of ${typeName(found.items)}`;
  const type = [].concat(found.type || "any").join(" or ");
  return found.format ? `${type} (${found.format})` : type;
}

function limits(schema) {
  const found = resolved(schema || {});
  const said = [["pattern", "matches "], ["minLength", "at least "], ["maxLength", "at most "], ["minimum", "≥ "], ["maximum", "≤ "]];
  return said.filter(([key]) => found[key] !== undefined).map(([key, text]) => text + found[key]).join(", ");
}

function table(headings, rows) {
  const made = element("table");
  const head = element("tr");
  head.append(...headings.map((text) => element("th", "", text)));
  made.append(head);
  for (const row of rows) {
    const line = element("tr");
    line.append(...row.map((text, place) => (place ? element("td", "", text) : code(text))));
    made.append(line);
  }
  return made;
}

function code(text) {
  const cell = element("td");
  cell.append(element("code", "", text));
  return cell;
}

function fields(schema) {
  const found = resolved(schema || {});
  const inner = found.type === "array" ? resolved(found.items || {}) : (found.oneOf || []).map(resolved).find((one) => one.properties) || found;
  if (!inner.properties) return element("p", "", typeName(schema));
  const required = new Set(inner.required || []);
  const rows = Object.entries(inner.properties).map(([name, field]) => {
    const example = (resolved(field).examples || [])[0];
    const hints = [field.description, limits(field), example === undefined ? "" : `e.g. ${JSON.stringify(example.value ?? example)}`];
    return [name, typeName(field) + (required.has(name) ? ", required" : ""), hints.filter(Boolean).join(" · ")];
  });
  return table(["Field", "Type", "Meaning"], rows);
}

function example(schema) {
  const found = (resolved(schema || {}).examples || [])[0];
  return found === undefined ? [] : [element("pre", "", JSON.stringify(found, null, 2))];
}

function operation(path, method, spec) {
  const box = element("details");
  const summary = element("summary");
  summary.append(element("span", `method ${method}`, method.toUpperCase()), element("code", "", path), element("span", "", spec.summary || ""));
  const body = element("div", "body");
  body.append(element("p", "", spec.description || ""));
  if ((spec.parameters || []).length) {
    const rows = spec.parameters.map((one) => [one.name, `${one.in}, ${typeName(one.schema)}${one.required ? ", required" : ""}`, [one.description, limits(one.schema)].filter(Boolean).join(" · ")]);
    body.append(element("h3", "", "Parameters"), table(["Name", "Where, type", "Meaning"], rows));
  }
  for (const [kind, content] of Object.entries((spec.requestBody || {}).content || {})) {
    body.append(element("h3", "", `Body (${kind})`), fields(content.schema), ...example(content.schema));
  }
  for (const [status, response] of Object.entries(spec.responses || {})) {
    body.append(element("h3", "", `${status} ${response.description || ""}`));
    for (const [kind, content] of Object.entries(response.content || {})) {
      if (kind !== "application/problem+json") body.append(fields(content.schema), ...example(content.schema));
    }
  }
  box.append(summary, body);
  return box;
}

function show(api) {
  components = (api.components || {}).schemas || {};
  $("title").textContent = `${api.info.title} ${api.info.version}`;
  $("description").textContent = api.info.description || "";
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = (item[method].tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method, item[method]));
    }
  }
  for (const [tag, boxes] of [...groups].sort()) $("operations").append(element("h2", "", tag), ...boxes);
}

fetch(`${location.origin}/v1/openapi.json`) // an address with user and secret in it cannot be fetched
  .then((response) => response.json())
  .then(show)
  .catch((error) => { $("description").textContent = `The description cannot be read: ${error.message}`; });
