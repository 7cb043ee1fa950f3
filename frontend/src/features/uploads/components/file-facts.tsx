// SPDX-License-Identifier: MPL-2.0

import { CircleDashed } from "lucide-react";

import { Facts, type Fact } from "@/components/facts";
import { Mono } from "@/components/mono";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { Notice } from "@/components/ui/notice";
import type { FileDetail } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { FileStatus, kindOf } from "./file-columns";

const words = uploads.file;

/** Everything about one file, its module and its upload. */
export function FileFacts({ file }: { file: FileDetail }) {
  return (
    <>
      {file.completed_at === null && file.deleted_at === null && (
        <Notice
          role="note"
          color="yellow"

          icon={<CircleDashed />}
          title={words.incompleteTitle}
          mb="md"
        >
          {words.incomplete}
        </Notice>
      )}
      <Facts facts={[...moduleFacts(file), ...objectFacts(file)]} />
    </>
  );
}

function moduleFacts(file: FileDetail): Fact[] {
  const isSymbolFile = file.symbol_key.toLowerCase().endsWith(".sym");
  return [
    [words.key, <Mono key="key" text={file.symbol_key} label={words.key} />],
    [words.debugFile, <Mono key="file" text={file.debug_file} label={words.debugFile} />],
    [words.debugId, <Mono key="id" text={file.debug_id} label={words.debugId} />],
    file.code_file !== "" && [
      words.codeFile,
      <Mono key="c" text={file.code_file} label={words.codeFile} />,
    ],
    file.code_id !== "" && [
      words.codeId,
      <Mono key="ci" text={file.code_id} label={words.codeId} />,
    ],
    file.generator !== "" && [words.generator, file.generator],
    file.kind !== "" && [words.kind, kindOf(file)],
    file.arch !== "" && [words.arch, file.arch],
    file.derivation !== "" && [words.derivation, derivationOf(file)],
    isSymbolFile &&
      file.completed_at !== null &&
      file.deleted_at === null && [
        words.module,
        <Anchor key="symbolicate" to={symbolicationOf(file)}>
          {words.symbolicate}
        </Anchor>,
      ],
  ];
}

function derivationOf({ derivation, problem }: FileDetail): string {
  if (derivation === "") return problem;
  const said = words.derivations[derivation];
  return problem === "" ? said : `${said}: ${problem}`;
}

function objectFacts(file: FileDetail): Fact[] {
  const { completed_at: completedAt, upload } = file;
  return [
    [
      words.state,
      <span key="state" style={{ display: "inline-flex", gap: "0.75rem" }}>
        <FileStatus file={file} />
        {upload?.try_symbols === true && <Status name="try" />}
      </span>,
    ],
    [words.size, <SizeOf key="size" file={file} />],
    [words.compressed, words.forms[file.compressed ? "true" : "false"]],
    [words.update, words.updates[file.update ? "true" : "false"]],
    [words.bucket, file.bucket_name],
    [words.object, <Mono key="object" text={file.key} label={words.object} />],
    [words.created, <Time key="created" value={file.created_at} exact />],
    completedAt !== null && [words.completed, <Time key="done" value={completedAt} exact />],
    [
      words.upload,
      upload === null ? (
        words.microsoft
      ) : (
        <Anchor key="upload" to={paths.upload(upload.id)}>
          {words.uploadBy(upload.id, upload.user)}
        </Anchor>
      ),
    ],
  ];
}

function SizeOf({ file }: { file: FileDetail }) {
  if (file.size === null || !file.compressed) return <Size bytes={file.original_size} />;
  return (
    <>
      <Size bytes={file.original_size} />, {words.stored} <Size bytes={file.size} />
    </>
  );
}

/** The symbolication page with this module and an offset to change filled in. */
function symbolicationOf(file: FileDetail): string {
  const text = `${file.debug_file}/${file.debug_id} 0x1000`;
  return `${paths.symbolication}#text=${encodeURIComponent(text)}`;
}
