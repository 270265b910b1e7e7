/** The list `hooks` of the YAML file: programs that are run on what happens. */

import type { Ms } from "../core/types.ts";
import { type Findings, own } from "./findings.ts";
import { HOOKS } from "./options.ts";
import { isMapping, shownValue } from "./problem.ts";
import { isFullPath, listed, millisecondsOf } from "./values.ts";
import type { Path } from "./yaml_lines.ts";

/** What a hook can be about. */
const HOOK_TOPICS = ["path", "network", "route", "node", "daemon"] as const;

/** One of them. */
export type HookTopic = typeof HOOK_TOPICS[number];

/** A program that is run on what happens. */
export interface Hook {
  /** What it is run on, each once. */
  readonly on: readonly HookTopic[];
  /** The full path of the program, and its arguments; there is no shell. */
  readonly run: readonly string[];
  /** It is ended after so long. */
  readonly timeoutMs: Ms;
}

const MAX_WORDS = 64;
const MAX_WORD_CHARACTERS = 4096;
const DEFAULT_TIMEOUT_S = 10;
const TIMEOUT_RANGE_S = [0.1, 300] as const;

const TOPICS_RULE = `must be a list of ${listed(HOOK_TOPICS)}`;
const RUN_RULE = `must be a list of a program and its arguments, 1 to ${MAX_WORDS} words`;
const TIMEOUT_RULE = `must be ${TIMEOUT_RANGE_S.join(" to ")} s`;

/** Reads the entries of `hooks`. What is wrong goes to the findings. */
export function readHooks(entries: readonly unknown[], findings: Findings): readonly Hook[] {
  const hooks: Hook[] = [];
  for (const [index, entry] of entries.entries()) {
    const path = [HOOKS.key, index];
    if (!isMapping(entry)) {
      findings.add(path, `must be a mapping with ${HOOKS.entryKeys.join(", ")}`, shownValue(entry));
      continue;
    }
    findings.addUnknownKeys(path, entry, HOOKS.entryKeys);
    hooks.push({
      on: readTopics(own(entry, "on"), [...path, "on"], findings),
      run: readWords(own(entry, "run"), [...path, "run"], findings),
      timeoutMs: readTimeout(own(entry, "timeout"), [...path, "timeout"], findings),
    });
  }
  return hooks;
}

function readTopics(value: unknown, path: Path, findings: Findings): readonly HookTopic[] {
  if (!Array.isArray(value) || value.length === 0) {
    findings.add(path, TOPICS_RULE, shownList(value));
    return [];
  }
  const topics = new Set<HookTopic>();
  for (const [index, each] of value.entries()) {
    const topic = HOOK_TOPICS.find((known) => known === each);
    const below = [...path, index];
    if (topic === undefined) {
      findings.add(below, `must be ${listed(HOOK_TOPICS)}`, shownValue(each));
    } else if (topics.has(topic)) findings.add(below, "must be given once", shownValue(each));
    else topics.add(topic);
  }
  return [...topics];
}

function readWords(value: unknown, path: Path, findings: Findings): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_WORDS) {
    findings.add(path, RUN_RULE, shownList(value));
    return [];
  }
  const words: string[] = [];
  for (const [index, each] of value.entries()) {
    const below = [...path, index];
    if (typeof each !== "string" || each.includes("\0") || each.length > MAX_WORD_CHARACTERS) {
      // 5 and true would be words too, but which ones depends on how they were written.
      findings.add(
        below,
        `must be text of at most ${MAX_WORD_CHARACTERS} characters`,
        shownValue(each),
      );
    } else if (index === 0 && !isFullPath(each)) {
      findings.add(
        below,
        'must be the full path of a program, beginning with "/"',
        shownValue(each),
      );
    } else words.push(each);
  }
  return words;
}

function readTimeout(value: unknown, path: Path, findings: Findings): Ms {
  const seconds = value === undefined ? DEFAULT_TIMEOUT_S : value;
  const [least, most] = TIMEOUT_RANGE_S;
  if (typeof seconds === "number" && seconds >= least && seconds <= most) {
    return millisecondsOf(seconds);
  }
  findings.add(path, TIMEOUT_RULE, shownValue(value));
  return millisecondsOf(DEFAULT_TIMEOUT_S);
}

function shownList(value: unknown): string {
  if (value === undefined) return "missing";
  return Array.isArray(value) ? `a list of ${value.length}` : shownValue(value);
}
