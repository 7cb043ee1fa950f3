# SPDX-License-Identifier: MPL-2.0

"""Uploads and their files."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field

from tecken.api.schemas.common import FormTexts, Name, OptionalText, PageShape, Shape, Text
from tecken.upload.deriving.claims import ModuleProgress
from tecken.upload.file_urls import file_urls, url_path
from tecken.upload.models import FileUpload, Upload
from tecken.upload.taking_back import TakenBackFiles

MAX_KEYS = 20_000  # of a request; an upload may have as many files
MAX_TOLD = 1000  # keys of each kind in an answer


def _listed(value: object) -> object:
    """Return the list that a row keeps as a text."""
    return [part for part in value.split(",") if part] if isinstance(value, str) else value


class DeletedShape(Shape):
    """When, by whom (an email) and why something was deleted; its row stays."""

    deleted_at: datetime | None
    deleted_by: Annotated[str | None, BeforeValidator(lambda user: user and str(user))]
    delete_reason: str


class UploadRow(DeletedShape):
    """An upload in a list. Without ``completed_at`` it is under way, or was interrupted.

    ``user`` is the uploader's email; ``size`` is in bytes of the archive, ``content_hash`` its MD5.
    """

    id: int
    user: Name
    filename: str
    size: int
    content_hash: str
    bucket_name: str
    bucket_region: OptionalText
    bucket_endpoint_url: OptionalText
    try_symbols: bool
    download_url: OptionalText
    redirect_urls: list[str]
    created_at: datetime
    completed_at: datetime | None
    files_count: int
    files_incomplete_count: int
    skipped_count: int
    ignored_count: int


class FileRow(DeletedShape):
    """A file that was stored, or without ``completed_at`` was to be.

    ``key`` is the object's; sizes are in bytes, ``size`` as stored. ``removal`` is empty unless the
    file was deleted. Then its object is still to be removed (``pending``, ``removing``), is
    ``removed``, is ``kept``, as another upload has brought it, too, or is ``out of reach``, as no
    uploads go to its bucket now.

    ``kind`` says what the file is by its content (empty of older files); ``has`` what a native or derived
    file has of ``lines``, ``symbols``, ``unwind`` and ``sources``. A ``derived`` file is a symbol file that was
    made of native ones; ``derivation`` says of a native file what became of that, and ``problem`` why nothing.
    """

    id: int
    key: str
    kind: Literal["", "breakpad", "elf", "pdb", "pe", "macho", "sourcebundle", "other"]
    arch: str
    has: Annotated[list[str], BeforeValidator(_listed)]
    derived: bool
    derivation: Literal["", "pending", "done", "superseded", "waiting", "failed"]
    problem: str
    bucket_name: str
    size: int | None
    original_size: int
    update: bool
    compressed: bool
    debug_file: str
    debug_id: str
    code_file: str
    code_id: str
    generator: str
    created_at: datetime
    completed_at: datetime | None
    removal: Literal["", "pending", "removing", "removed", "kept", "out of reach"]


class DerivingModule(Shape):
    """A module whose symbols are being derived from native files in the background.

    ``done`` of ``total`` bytes of debug information were read, a few seconds ago. Both are 0 before somebody has begun, and
    of files of which it is not known.
    """

    debug_file: str
    debug_id: str
    done: int
    total: int


class UploadDetail(UploadRow):
    """An upload with the first of its files; ``files_count`` says how many there are.

    ``deriving`` are the first 100 modules whose symbols are still to be derived.
    ``related`` are other uploads of the same archive, the newest first; ``file_uploads`` is
    ``files`` under the name that older clients ask for.
    """

    skipped_keys: list[str]
    ignored_keys: list[str]
    files: list[FileRow]
    file_uploads: list[FileRow]
    deriving: list[DerivingModule]
    related: list[UploadRow]


class UploadAnswer(Shape):
    """One upload."""

    upload: UploadDetail


class UploadsPage(PageShape):
    """Uploads: all of them where ``can_view_all``, else one's own.

    ``total`` is how many fit, null where counting them would take long: more than 10,000, or a
    filter that no index serves.
    """

    uploads: list[UploadRow]
    total: int | None
    can_view_all: bool


class UploadOfFile(Shape):
    """The upload that brought a file."""

    id: int
    user: Name
    try_symbols: bool
    created_at: datetime


class FileListRow(FileRow):
    """A file in a list; one of another symbol server's came with no ``upload``."""

    upload: UploadOfFile | None


class FileUrlShape(Shape):
    """Where clients of a kind ask for a file. A path that ends in ``/…`` is followed by that of a source file."""

    dialect: Literal["breakpad", "debuginfod", "symsrv", "ssqp", "unified", "gdb", "lldb"]
    path: str


class FileDetail(FileListRow):
    """One file. ``url_path`` is where this server hands it out, ``urls`` where debuggers ask for it."""

    symbol_key: str
    url_path: str
    urls: list[FileUrlShape]

    @classmethod
    def of(cls, file: FileUpload) -> Self:
        """Return what is told of a row."""
        row = FileListRow.model_validate(file).model_dump()
        return cls(
            **row,
            symbol_key=file.symbol_key,
            url_path=url_path(file),
            urls=[FileUrlShape.model_validate(url) for url in file_urls(file)],
        )


class FileAnswer(Shape):
    """One file."""

    file: FileDetail


class FilesPage(PageShape):
    """Files, and the uploads that brought them; ``total`` is as that of uploads."""

    files: list[FileListRow]
    total: int | None


class UploadFilesPage(PageShape):
    """Files of one upload."""

    files: list[FileRow]


class SourceState(Shape):
    """What a source says of a key now.

    ``found`` is null when it could not be asked, and then ``error`` says why. ``size`` is in bytes
    as stored.
    """

    name: str
    bucket_name: str
    try_symbols: bool
    found: bool | None
    error: str | None
    size: int | None
    etag: str | None
    last_modified: datetime | None


class SourcesAnswer(Shape):
    """All sources, in the order in which they are asked."""

    symbol_key: str
    sources: list[SourceState]


class DeleteForm(Shape):
    """Why something is deleted; the audit trail has it, too."""

    reason: Text = ""


class DeleteKeysForm(DeleteForm):
    """The keys of objects, or symbol keys, as in a URL, whose files are to be deleted."""

    keys: Annotated[list[Text], FormTexts, Field(min_length=1, max_length=MAX_KEYS)]


class DeletedAnswer(Shape):
    """What became of the objects of files that were deleted: of each kind how many, and 1,000 keys.

    ``kept`` stay, as another upload has brought them, too, and ``out_of_reach``, as no uploads go to
    their bucket now. ``pending`` are removed in the background: until then they can be downloaded.
    What a file had replaced does not return.
    """

    removed: list[str]
    removed_count: int
    kept: list[str]
    kept_count: int
    out_of_reach: list[str]
    out_of_reach_count: int
    pending: list[str]
    pending_count: int

    @classmethod
    def of(cls, taken_back: TakenBackFiles) -> Self:
        """Return the answer that tells of some files."""
        kinds = {
            "removed": taken_back.removed,
            "kept": taken_back.kept,
            "out_of_reach": taken_back.out_of_reach,
            "pending": taken_back.pending,
        }
        counts = {f"{kind}_count": len(keys) for kind, keys in kinds.items()}
        return cls.model_validate(
            {kind: list(keys[:MAX_TOLD]) for kind, keys in kinds.items()} | counts
        )


class PossibleUrl(Shape):
    """A bucket that one may upload to; the ``default`` one is taken when none is named."""

    url: str
    bucket_name: str
    private: bool
    default: bool


class PossibleUrls(Shape):
    """The buckets that one may upload to."""

    urls: list[PossibleUrl]


def upload_detail(
    upload: Upload,
    files: Iterable[FileUpload],
    related: Iterable[Upload],
    deriving: Iterable[ModuleProgress],
) -> UploadDetail:
    """Return the shape of one upload."""
    rows = [FileRow.model_validate(file) for file in files]
    return UploadDetail(
        skipped_keys=upload.skipped_keys,
        ignored_keys=upload.ignored_keys,
        files=rows,
        file_uploads=rows,
        deriving=[DerivingModule.model_validate(module) for module in deriving],
        related=[UploadRow.model_validate(other) for other in related],
        **UploadRow.model_validate(upload).model_dump(),
    )
