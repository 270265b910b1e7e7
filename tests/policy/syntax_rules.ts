/**
 * The rules that need the syntax of a file rather than its text. They are plug-ins of Deno's linter, which parses
 * TypeScript and hands out its syntax tree: a parser that is there anyway, and that knows whatever Deno can run.
 */

import { bansFor, isPure } from "./bans.ts";
import { importFault } from "./imports.ts";
import { isLocal } from "./scope.ts";
import { type Finding, layerOf, lineAt, type SourceFile } from "./source_file.ts";

type Context = Deno.lint.RuleContext;
type Visitor = Deno.lint.LintVisitor;
type Node = Deno.lint.Node;

const LONGEST_FUNCTION = 70;

/** Reports whatever a file must not import. */
function imports(context: Context): Visitor {
  const judge = (node: Node, specifier: unknown, typesOnly: boolean, dynamic = false) => {
    if (typeof specifier !== "string") {
      context.report({ node, message: "what is imported must be named by a plain string" });
      return;
    }
    const message = importFault(context.filename, { specifier, typesOnly, dynamic });
    if (message !== undefined) context.report({ node, message });
  };
  return {
    ImportDeclaration: (node) => {
      const typed = node.importKind === "type" ||
        (node.specifiers.length > 0 &&
          node.specifiers.every((one) =>
            one.type === "ImportSpecifier" && one.importKind === "type"
          ));
      judge(node, node.source.value, typed);
    },
    ExportNamedDeclaration: (node) => {
      if (node.source !== null && node.source !== undefined) {
        judge(node, node.source.value, node.exportKind === "type");
      }
    },
    ExportAllDeclaration: (node) => judge(node, node.source.value, node.exportKind === "type"),
    ImportExpression: (node) =>
      judge(node, node.source.type === "Literal" ? node.source.value : undefined, false, true),
    TSImportType: (node) =>
      context.report({ node, message: "types are imported at the head of a file, by import type" }),
  };
}

/** Where an identifier is only a label on something, and does not refer to a global. */
function isLabel(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return parent.property === node && !parent.computed;
    case "Property":
      return parent.key === node && !parent.computed && !parent.shorthand;
    case "PropertyDefinition":
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.key === node && !parent.computed;
    case "TSQualifiedName":
      return parent.right === node;
    case "TSEnumMember":
    case "LabeledStatement":
    case "ImportSpecifier":
    case "ExportSpecifier":
      return true;
    default:
      return false;
  }
}

/** Reports the use of banned names, and of banned members of global objects however they are reached. */
function bans(context: Context): Visitor {
  const banned = bansFor(context.filename);
  const reasonAgainst = (name: string) => Object.hasOwn(banned, name) ? banned[name] : undefined;
  const owners = new Set(
    Object.keys(banned).filter((name) => name.includes(".")).map((name) => name.split(".")[0]),
  );
  return {
    Identifier: (node) => {
      const reason = reasonAgainst(node.name);
      if (reason === undefined && !owners.has(node.name)) return;
      if (isLabel(node) || isLocal(node)) return;
      if (reason !== undefined) {
        context.report({ node, message: `${node.name} is banned here: ${reason}` });
        return;
      }
      const { parent } = node;
      if (node.name === "Date" && parent.type === "CallExpression" && parent.callee === node) {
        context.report({ node, message: `Date() is banned here: ${reasonAgainst("Date.now")}` });
      }
      if (parent.type === "VariableDeclarator" && parent.init === node) {
        context.report({ node, message: `${node.name} must be used as ${node.name}.member` });
      }
    },
    MemberExpression: (node) => {
      if (node.object.type !== "Identifier" || !owners.has(node.object.name)) return;
      const { name } = node.object;
      if (node.computed || node.property.type !== "Identifier") {
        context.report({ node, message: `${name} must be used as ${name}.member` });
        return;
      }
      const reason = reasonAgainst(`${name}.${node.property.name}`);
      if (reason === undefined) return;
      context.report({ node, message: `${name}.${node.property.name} is banned here: ${reason}` });
    },
    NewExpression: (node) => {
      const { callee } = node;
      if (callee.type !== "Identifier" || callee.name !== "Date" || node.arguments.length > 0) {
        return;
      }
      const reason = reasonAgainst("Date.now");
      if (reason !== undefined) {
        context.report({ node, message: `new Date() is banned here: ${reason}` });
      }
    },
  };
}

/** Reports whatever waits, in the pure parts, and state that outlives a call. */
function purity(context: Context): Visitor {
  if (!isPure(context.filename)) return {};
  const report = (node: Node, what: string) =>
    context.report({
      node,
      message: `${what} is banned here: the core and the configuration are pure`,
    });
  const judge = (node: Node & { readonly async: boolean }) => {
    if (node.async) report(node, "an async function");
  };
  return {
    FunctionDeclaration: judge,
    FunctionExpression: judge,
    ArrowFunctionExpression: judge,
    AwaitExpression: (node) => report(node, "await"),
    ForOfStatement: (node) => node.await && report(node, "for await"),
    ImportExpression: (node) => report(node, "import()"),
    MetaProperty: (node) => report(node, "import.meta"),
    "Program > VariableDeclaration": (node: Node) => {
      if (node.type === "VariableDeclaration" && node.kind !== "const") {
        report(node, "a variable of the module");
      }
    },
  };
}

/** Reports functions that are too long to be read at once. */
function size(context: Context): Visitor {
  const { text } = context.sourceCode;
  const judge = (node: Node) => {
    const lines = lineAt(text, node.range[1]) - lineAt(text, node.range[0]) + 1;
    if (lines <= LONGEST_FUNCTION) return;
    context.report({
      node,
      message: `a function must have at most ${LONGEST_FUNCTION} lines, has ${lines}`,
    });
  };
  return { FunctionDeclaration: judge, FunctionExpression: judge, ArrowFunctionExpression: judge };
}

/** Reports `any`. */
function types(context: Context): Visitor {
  return {
    TSAnyKeyword: (node) =>
      context.report({ node, message: "any is banned: say what it is, or unknown and find out" }),
  };
}

/** Reports exported functions and classes of the program that have no documentation. */
function documentation(context: Context): Visitor {
  const layer = layerOf(context.filename);
  if (layer === "tests" || layer === "build") return {};
  return {
    ExportNamedDeclaration: (node) => {
      const kind = node.declaration?.type;
      if (kind !== "FunctionDeclaration" && kind !== "ClassDeclaration") return;
      const comment = context.sourceCode.getCommentsBefore(node).at(-1);
      if (comment?.type === "Block" && comment.value.startsWith("*")) return;
      context.report({ node, message: "what is exported must be documented" });
    },
  };
}

const PLUGIN: Deno.lint.Plugin = {
  name: "policy",
  rules: {
    imports: { create: imports },
    bans: { create: bans },
    purity: { create: purity },
    size: { create: size },
    types: { create: types },
    documentation: { create: documentation },
  },
};

/** Every breach of a syntax rule in a TypeScript file, in the order of its lines, once each. Throws on a syntax error. */
export function syntaxFindings({ path, text }: SourceFile): Finding[] {
  const found = new Map<string, Finding>();
  for (const { id, message, range } of Deno.lint.runPlugin(PLUGIN, path, text)) {
    const rule = id.replace("policy/", "");
    found.set(`${rule} ${range[0]} ${message}`, {
      path,
      line: lineAt(text, range[0]),
      rule,
      message,
    });
  }
  return [...found.values()].sort((a, b) => a.line - b.line);
}
