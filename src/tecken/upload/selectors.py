# SPDX-License-Identifier: MPL-2.0

"""What other applications ask about uploads."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, OuterRef, Q, QuerySet
from django.utils import timezone

from tecken.core.identifiers import NATIVE_FOLDER, NativeKey, SymbolKey, parse_stored_key
from tecken.core.native.kinds import Role
from tecken.upload.index_conditions import ELF, UNDERIVED
from tecken.upload.json_length import JsonLength
from tecken.upload.models import FileUpload, Upload
from tecken.upload.object_holders import IS_THERE, is_there
from tecken.web.row_counts import CountOf

_JUST_SECONDS = 30
_MAX_NEAR = 5  # ids on each side
MAX_COUNTED = 10_000  # more of them are not counted
_MAX_NAMED = 2000  # rows that are looked at
_MAX_ROWS = 100  # the newest; an id that has more is no id
_CODE_EXTENSIONS = {"dll", "exe", "sys", "drv", "ocx"}


@dataclass(frozen=True, slots=True)
class UploadedModule:
    """How an uploaded symbol file called its module; what it did not tell is empty."""

    debug_file: str
    debug_id: str
    code_file: str
    code_id: str
    generator: str


def modules_of_code_id(
    code_file: str, code_id: str, *, with_try: bool
) -> tuple[UploadedModule, ...]:
    """Return the modules with this code file and code id (in any case), the newest first.

    Those of try builds come last, if at all. A symbol file of Linux or macOS tells of a code id
    alone: there, the code file has the name of the debug file.
    """
    return _modules(_of_code_id(code_file, code_id.upper()), with_try=with_try)


def modules_of_debug_id(
    debug_file: str, debug_id: str, *, with_try: bool
) -> tuple[UploadedModule, ...]:
    """Return the modules with this debug file and debug id (in any case), in the same order."""
    files = FileUpload.objects.filter(debug_file=debug_file, debug_id=debug_id.upper())
    # Binaries tell nothing.
    return _modules(files.exclude(code_id="", generator=""), with_try=with_try)


def original_keys(
    name: str, some_id: str, file_name: str, *, with_try: bool
) -> tuple[NativeKey, ...]:
    """Return the keys of the native files of a module that a file is one of, the newest first.

    ``name`` is its debug file or code file, ``some_id`` its debug id or code id in upper case. Files that lie at
    symbol keys are none of them.
    """
    # Each half has an index of its own, of which an id picks a few rows. A name may have very many.
    files = FileUpload.objects.filter(
        Q(debug_id=some_id) | Q(code_file=name, code_id=some_id),
        IS_THERE,
        key__contains=f"{NATIVE_FOLDER}/",
    )
    rows = _visible(files, with_try=with_try).order_by("-pk")[:_MAX_ROWS]
    named = [row for row in rows if name in {row.debug_file, row.code_file}]
    keys = [parse_stored_key(row.symbol_key) for row in named if row.file_name == file_name]
    return tuple(dict.fromkeys(key for key in keys if isinstance(key, NativeKey)))


def symbol_keys_of(debug_ids: Collection[str], *, with_try: bool) -> tuple[SymbolKey, ...]:
    """Return the keys of the symbol files of some debug ids (in upper case), the newest first."""
    files = FileUpload.objects.filter(IS_THERE, debug_id__in=debug_ids, key__iendswith=".sym")
    rows = _visible(files, with_try=with_try).order_by("-pk")[:_MAX_ROWS]
    return tuple(dict.fromkeys(parse_stored_key(row.symbol_key) for row in rows))


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """Some native files: name, build id in lower case, and role. There may be more, unless it ``is_complete``."""

    found: list[tuple[str, str, str]]
    is_complete: bool


def elf_files_named(name: str, *, with_try: bool) -> NamedFiles:
    """Return the ELF files of a name, as downloads call them: ``libfoo.so``, ``libfoo.so.debug``."""
    rows: dict[int, FileUpload] = {}
    is_complete = True
    for named in (
        {"code_file": name},
        {"debug_file": name},
        {"debug_file": name.removesuffix(".debug")},
    ):
        found = FileUpload.objects.filter(ELF, **named).order_by("-pk")[:_MAX_NAMED]
        rows.update((row.pk, row) for row in found)
        is_complete &= len(found) < _MAX_NAMED
    elf = _elf_files(rows.values(), with_try=with_try)
    return _named([row for row in elf if row.file_name == name], is_complete)


def elf_files_from(beginning: str, *, with_try: bool) -> NamedFiles:
    """Return the ELF files whose names begin so, in their order; only some rows from there on are looked at."""
    files = FileUpload.objects.filter(ELF, debug_file__gte=beginning)
    rows = files.order_by("debug_file", "pk")[:_MAX_NAMED]
    is_complete = len(rows) < _MAX_NAMED or not rows[_MAX_NAMED - 1].debug_file.startswith(
        beginning
    )
    fitting = [row for row in rows if row.debug_file.startswith(beginning)]
    return _named(_elf_files(fitting, with_try=with_try), is_complete)


def _elf_files(rows: Iterable[FileUpload], *, with_try: bool) -> list[FileUpload]:
    """Return those of some ELF files that debuginfod knows.

    The database would look for them among all files, and for those of try builds in all uploads.
    """
    stored = [row for row in rows if row.code_id and row.role != Role.SPLIT and is_there(row)]
    if with_try:
        return stored
    uploads = Upload.objects.filter(pk__in={row.upload_id for row in stored}, try_symbols=True)
    of_try = set(uploads.values_list("pk", flat=True))
    return [row for row in stored if row.upload_id not in of_try]


def _named(rows: list[FileUpload], is_complete: bool) -> NamedFiles:
    found = dict.fromkeys((row.file_name, row.code_id.lower(), row.role) for row in rows)
    return NamedFiles(list(found), is_complete)


def underived(debug_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return of each debug id (in upper case) of whose native files no symbols were derived yet what became of that.

    That is ``pending``, ``waiting`` or ``failed``, and the reason. Of several files the newest counts.
    """
    rows = FileUpload.objects.filter(
        UNDERIVED, debug_id__in=debug_ids, completed_at__isnull=False, deleted_at=None
    )
    found = rows.order_by("pk").values_list("debug_id", "derivation", "problem")
    return {debug_id: (state, problem) for debug_id, state, problem in found}


def just_derived(debug_ids: Collection[str]) -> set[tuple[str, str]]:
    """Return the debug files and debug ids (in upper case) of symbols that were derived within the last half a minute."""
    rows = _just_derived().filter(debug_id__in=debug_ids, deleted_at=None)
    return set(rows.values_list("debug_file", "debug_id"))


def has_underived() -> bool:
    """Say whether there is any native file at all of which no symbols were derived yet, or just now."""
    return FileUpload.objects.filter(UNDERIVED).exists() or _just_derived().exists()


def _just_derived() -> "QuerySet[FileUpload]":
    return FileUpload.objects.filter(
        derived=True, completed_at__gte=timezone.now() - timedelta(seconds=_JUST_SECONDS)
    )


def newest_module(name: str, *, with_try: bool) -> tuple[str, str] | None:
    """Return the debug file and debug id of the newest symbol file of a name, of a complete regular upload.

    The name is that of a debug file, of a code file, or of a Windows module without its extension. Files of try builds
    count only ``with_try``.
    """
    stem, dot, extension = name.rpartition(".")
    is_windows = dot and extension.lower() in _CODE_EXTENSIONS
    pdb = f"{stem if is_windows else name}.pdb"
    files = FileUpload.objects.filter(IS_THERE, key__endswith=".sym")
    files = files.exclude(upload__isnull=False, upload__completed_at=None)
    ids = (
        _visible(files, with_try=with_try)
        .order_by("-completed_at", "-pk")
        .values_list("debug_file", "debug_id")
    )
    for named in (Q(debug_file=name), Q(code_file=name), Q(debug_file=pdb)):
        if newest := ids.filter(named).first():
            return newest
    return None


def listed_uploads(uploads: "QuerySet[Upload]") -> "QuerySet[Upload]":
    """Return uploads with their users, and the counts that lists show.

    These are ``files_count``, ``files_incomplete_count``, ``skipped_count`` and ``ignored_count``;
    the lists of keys themselves, which may be long, are read when somebody asks for them.
    """
    files = FileUpload.objects.filter(upload=OuterRef("pk")).order_by().values("pk")
    return (
        uploads.select_related("user", "deleted_by")
        .annotate(
            files_count=CountOf(files),
            files_incomplete_count=CountOf(files.filter(completed_at=None)),
            skipped_count=JsonLength("skipped_keys"),
            ignored_count=JsonLength("ignored_keys"),
        )
        .defer("skipped_keys", "ignored_keys")
    )


def near_modules(debug_file: str, debug_id: str) -> tuple[str, ...]:
    """Return the debug ids of stored symbol files of a name, those around ``debug_id`` in order.

    Ids that differ in their end only, as by another age, are thus the first to be found. Those of
    try builds are left out. An id itself is not near to itself.
    """
    files = FileUpload.objects.filter(IS_THERE, debug_file=debug_file)
    ids = files.exclude(upload__try_symbols=True).values_list("debug_id", flat=True)
    after = ids.filter(debug_id__gt=debug_id.upper()).order_by("debug_id")
    before = ids.filter(debug_id__lt=debug_id.upper()).order_by("-debug_id")
    return (*_some_ids(before)[::-1], *_some_ids(after))


def count_near_modules(debug_file: str, debug_id: str) -> int:
    """Return how many other ids ``near_modules`` would have without a limit, counted up to ``MAX_COUNTED``."""
    files = FileUpload.objects.filter(IS_THERE, debug_file=debug_file)
    others = files.exclude(upload__try_symbols=True).exclude(debug_id=debug_id.upper())
    return others.order_by().values("debug_id").distinct()[:MAX_COUNTED].count()


def _some_ids(ids: "QuerySet[FileUpload, str]") -> tuple[str, ...]:
    """Return the first of some ids; one may come several times, for several files."""
    return tuple(dict.fromkeys(ids[:_MAX_ROWS]))[:_MAX_NEAR]


def related_uploads(upload: Upload) -> "QuerySet[Upload]":
    """Return the other uploads of the same archive, the newest first."""
    same = Upload.objects.filter(content_hash=upload.content_hash)
    return same.exclude(pk=upload.pk).order_by("-pk")


def _of_code_id(code_file: str, code_id: str) -> "QuerySet[FileUpload]":
    named = Q(code_file=code_file) | Q(code_file="", debug_file=code_file)
    return FileUpload.objects.filter(named, code_id=code_id)


def _modules(files: "QuerySet[FileUpload]", *, with_try: bool) -> tuple[UploadedModule, ...]:
    regular_first = F("upload__try_symbols").asc(nulls_first=True)  # null: there is no upload
    stored = _visible(files, with_try=with_try).filter(IS_THERE).order_by(regular_first, "-pk")
    rows = stored.values_list("debug_file", "debug_id", "code_file", "code_id", "generator")
    return tuple(dict.fromkeys(UploadedModule(*row) for row in rows[:_MAX_ROWS]))


def _visible(files: "QuerySet[FileUpload]", *, with_try: bool) -> "QuerySet[FileUpload]":
    return files if with_try else files.exclude(upload__try_symbols=True)
