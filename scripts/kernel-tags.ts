/** Reads the `@kernel` tags of the sources: which function of Linux has its counterpart where. */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { rooms } from './building.ts';

export interface KernelTag {
  /** A file of Linux, for example `net/ipv4/tcp_input.c`. */
  path: string;
  /** For example `tcp_rcv_established`. */
  name: string;
  /** Our counterpart, for example `tcpRcvEstablished` or `SkBuff.push`; the file's name where the whole file is meant. */
  ours: string;
  /** Relative to the root. */
  file: string;
  /** From 1. */
  line: number;
}

const TAG = /@kernel\s+(\S+\/\S+)\s+([^\n*@]+)/g;
const NAME = /^(?:struct |enum |union )?([A-Za-z_]\w*)(?:\(\)( .*)?)?\.?$/;

/** The functions that one comment names: `@kernel path a(), b()`. Prose after the names ends the list. */
export function namesIn(comment: string): { path: string; name: string }[] {
  return [...comment.matchAll(TAG)].flatMap(([, path, rest]) => {
    const names: string[] = [];
    for (const part of rest!.split(',')) {
      const [, name, prose] = NAME.exec(part.trim()) ?? [];
      if (name !== undefined) names.push(name);
      if (name === undefined || prose !== undefined) break;
    }
    return names.map((name) => ({ path: path!, name }));
  });
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.name.getText();
  return (node as Partial<ts.NamedDeclaration>).name?.getText();
}

/** `Class.method` for members, the bare name for the rest. */
function qualifiedName(node: ts.Node): string | undefined {
  const name = nameOf(node);
  const owner = node.parent;
  const inType = ts.isClassLike(owner) || ts.isInterfaceDeclaration(owner);
  return name !== undefined && inType ? `${nameOf(owner)}.${name}` : name;
}

function tagsOf(source: ts.SourceFile, file: string): KernelTag[] {
  const tags: KernelTag[] = [];
  const visit = (node: ts.Node): void => {
    for (const comment of (node as { jsDoc?: ts.JSDoc[] }).jsDoc ?? []) {
      const ours = qualifiedName(node) ?? file.slice(file.lastIndexOf('/') + 1);
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      for (const named of namesIn(comment.getText(source))) tags.push({ ...named, ours, file, line });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return tags;
}

/** All tags below `packages/`, rooms from the ground up, files by name. */
export function kernelTags(base: string): KernelTag[] {
  return rooms.flatMap(({ folder }) => {
    const files = readdirSync(`${base}/${folder}/src`, { recursive: true, encoding: 'utf8' });
    const sources = files.filter((path) => path.endsWith('.ts')).toSorted();
    return sources.flatMap((path) => {
      const file = `${folder}/src/${path}`;
      const text = readFileSync(`${base}/${file}`, 'utf8');
      return tagsOf(ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true), file);
    });
  });
}
