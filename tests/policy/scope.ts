/** Tells a global from what a file names so itself: `process` may be the platform's, or a variable of the function. */

/** A node, or any part of one, as far as it is looked at here. */
interface Part {
  readonly type: string;
  readonly name?: unknown;
  readonly [key: string]: unknown;
}

function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

function partsOf(value: unknown): readonly Part[] {
  return Array.isArray(value) ? value.filter(isPart) : isPart(value) ? [value] : [];
}

/** The keys under which the parts of a pattern hold the names they bind, or further patterns. */
const PATTERN_KEYS: Readonly<Record<string, string>> = {
  ObjectPattern: "properties",
  ArrayPattern: "elements",
  Property: "value",
  RestElement: "argument",
  AssignmentPattern: "left",
  TSParameterProperty: "parameter",
  VariableDeclaration: "declarations",
  VariableDeclarator: "id",
  FunctionDeclaration: "id",
  ClassDeclaration: "id",
  ImportDeclaration: "specifiers",
  ImportSpecifier: "local",
  ImportDefaultSpecifier: "local",
  ImportNamespaceSpecifier: "local",
  ExportNamedDeclaration: "declaration",
};

/** True if a declaration, a parameter or a pattern binds the name. */
function binds(part: Part, name: string): boolean {
  if (part.type === "Identifier") return part.name === name;
  const key = PATTERN_KEYS[part.type];
  return key !== undefined && partsOf(part[key]).some((inner) => binds(inner, name));
}

/** The keys under which a node that opens a scope holds what is declared in it. */
const SCOPE_KEYS: Readonly<Record<string, readonly string[]>> = {
  Program: ["body"],
  BlockStatement: ["body"],
  FunctionDeclaration: ["params"],
  FunctionExpression: ["params", "id"],
  ArrowFunctionExpression: ["params"],
  TSFunctionType: ["params"],
  TSMethodSignature: ["params"],
  ForStatement: ["init"],
  ForOfStatement: ["left"],
  ForInStatement: ["left"],
  CatchClause: ["param"],
};

/** True if the name, where this identifier stands, is one that the file itself has given to something. */
export function isLocal(node: Deno.lint.Identifier): boolean {
  let scope: unknown = node.parent;
  while (isPart(scope)) {
    const declared: Part = scope;
    const keys = SCOPE_KEYS[declared.type] ?? [];
    if (keys.some((key) => partsOf(declared[key]).some((part) => binds(part, node.name)))) {
      return true;
    }
    scope = declared["parent"];
  }
  return false;
}
