// SPDX-License-Identifier: MPL-2.0

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useLocation, useParams, useSearchParams } from "react-router";

import { ErrorMessage } from "@/components/error-message";
import { Mono } from "@/components/mono";
import { NeedReader } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { LookedUpFile } from "@/lib/api/schema";
import { signInUrlFor, useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { lookup } from "@/lib/texts/lookup";

import { AskedId } from "./asked-id";
import { idsQuery } from "./module-queries";
import classes from "./module.module.css";

const words = lookup.module;

/** A debug file: one id of it, if one was looked up, and all that are here. */
export function Component() {
  return (
    <NeedReader>
      <Page />
    </NeedReader>
  );
}

function Page() {
  const { debugFile = "" } = useParams();
  const [parameters] = useSearchParams();
  const { person, isLoading } = useAuth();
  const id = parameters.get("id");
  const rest =
    person === null ? (
      !isLoading && <SignIn debugFile={debugFile} />
    ) : (
      <Ids debugFile={debugFile} asked={id} />
    );
  return (
    <>
      <PageHeader title={debugFile} />
      {id === null ? (
        rest
      ) : (
        <AskedId key={id} debugFile={debugFile} debugId={id}>
          {rest}
        </AskedId>
      )}
    </>
  );
}

function SignIn({ debugFile }: { debugFile: string }) {
  const { signInUrl } = useAuth();
  const { pathname, search } = useLocation();
  if (signInUrl === null) return null;
  return (
    <p>
      <a className={classes["link"]} href={signInUrlFor(signInUrl, pathname + search)}>
        {words.signIn}
      </a>{" "}
      {words.toSee(debugFile)}
    </p>
  );
}

/** All ids of a name, newest first, page after page. */
function Ids({ debugFile, asked }: { debugFile: string; asked: string | null }) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    idsQuery(debugFile),
  );
  if (data === undefined) {
    return error === null ? (
      <Skeleton height={320} />
    ) : (
      <ErrorMessage error={error} onRetry={() => void refetch()} />
    );
  }
  const total = data.pages.at(-1)?.total ?? 0;
  const ids = data.pages.flatMap((page) => page.ids);
  return (
    <section aria-labelledby="ids" className={classes["section"]}>
      <h2 id="ids">{words.ids}</h2>
      <p className={classes["quiet"]}>
        {total === 0 ? `${words.none(debugFile)} ${words.noneText}` : words.known(debugFile, total)}
      </p>
      <ul className={classes["ids"]} aria-label={words.ids}>
        {ids.map((file) => (
          <Id key={file.debug_id} file={file} isAsked={file.debug_id === asked} />
        ))}
      </ul>
      {error !== null && <ErrorMessage error={error} />}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.older}
        </Button>
      )}
    </section>
  );
}

function Id({ file, isAsked }: { file: LookedUpFile; isAsked: boolean }) {
  const { debug_file, debug_id, code_id, file_id, upload_id, size, url, created_at } = file;
  return (
    <li className={classes["id"]} aria-current={isAsked ? "true" : undefined}>
      <span className={classes["whole"]}>
        <Mono text={debug_id} label={words.debugId} short={34} />
      </span>
      {code_id !== null && (
        <span className={classes["quiet"]}>
          {words.codeId} <Mono text={code_id} label={words.codeId} short={16} />
        </span>
      )}
      <span className={classes["facts"]}>
        {size !== null && <Size bytes={size} />}
        <Time value={created_at} />
        {file.try_symbols && <Status name="try" />}
      </span>
      <span className={classes["ways"]}>
        {file_id !== null ? (
          <Link to={paths.file(file_id)} aria-label={`${words.file} ${debug_id}`}>
            {words.file}
          </Link>
        ) : (
          url === null && (
            <Link to={paths.module(debug_file, debug_id)} aria-label={`${words.file} ${debug_id}`}>
              {words.file}
            </Link>
          )
        )}
        {upload_id !== null && (
          <Link to={paths.upload(upload_id)} aria-label={words.uploadOf(upload_id)}>
            {words.upload}
          </Link>
        )}
        {url !== null && (
          <a href={url} aria-label={`${words.download} ${debug_id}`}>
            {words.download}
          </a>
        )}
      </span>
    </li>
  );
}
