# SPDX-License-Identifier: MPL-2.0

"""What was uploaded, when, by whom and where to."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from tecken.core.identifiers import NATIVE_FOLDER

# Django looks for all models of an app here.
from tecken.upload.deriving.models import ModuleBeingDerived as ModuleBeingDerived
from tecken.upload.deriving.models import SplitId as SplitId
from tecken.upload.folded import Folded


class TakenBack(models.Model):
    """Columns of what may be taken back: when, by whom and why it was; the row stays."""

    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
    )
    # The database has the default, too: nodes of the version before this one may still add rows.
    delete_reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        abstract = True


class Upload(TakenBack):
    """One archive that passed the checks. Without ``completed_at``, its storing was interrupted."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads"
    )
    filename = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="bytes of the archive")
    content_hash = models.CharField(max_length=32, help_text="MD5 of the archive")
    bucket_name = models.CharField(max_length=255)
    bucket_region = models.CharField(max_length=100, blank=True, default="")
    bucket_endpoint_url = models.CharField(max_length=1000, blank=True, default="")
    try_symbols = models.BooleanField()
    skipped_keys = models.JSONField(default=list)
    ignored_keys = models.JSONField(default=list)
    download_url = models.TextField(blank=True, default="")
    redirect_urls = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [
            ("upload_symbols", "Upload Symbols Files"),
            ("upload_try_symbols", "Upload Try Symbols Files"),
            ("view_all_uploads", "View All Symbols Uploads"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="upload_created_at"),
            models.Index(fields=["content_hash"], name="upload_content_hash"),
            # Of lists: whose they are, and what they are sorted and filtered by. Where many rows have
            # the same value, their order is that of ``id``.
            models.Index(fields=["user", "created_at"], name="upload_user_created_at"),
            models.Index(fields=["completed_at", "id"], name="upload_completed_at"),
            models.Index(fields=["size", "id"], name="upload_size"),
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="upload_deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.pk})"


class FileUpload(TakenBack):
    """One file that was, or without ``completed_at`` was to be, stored.

    Without ``upload`` it came from another symbol server.
    ``size`` is in bytes as stored, ``original_size`` before compression. ``key`` is the object's.
    ``removal`` tells of one that was taken back how far that came. Uploads that found its object in
    their bucket hold it there; since ``released_at``, those of ``released_for`` do not, nor without that
    those of anybody, if they were before.

    ``kind`` is empty of files from before kinds were told. Several rows of one key are the modules of one fat
    file. ``derivation`` tells of a native file whether symbols were derived from it, and ``problem`` why not;
    ``derived`` is a symbol file that was, and its ``role`` is ``debuginfo`` where there was no executable.
    """

    class Derivation(models.TextChoices):
        NONE = ""  # nothing is derived from such a file
        PENDING = "pending"
        DONE = "done"
        SUPERSEDED = "superseded"  # a symbol file of the module was uploaded, which counts for more
        WAITING = "waiting"  # for another file of the same build
        FAILED = "failed"

    class Removal(models.TextChoices):
        NONE = ""
        PENDING = "pending"  # its object is still to be removed
        REMOVING = "removing"  # just now, or the process that did so was killed
        REMOVED = "removed"
        KEPT = "kept"  # another upload has brought the object, too
        OUT_OF_REACH = "out of reach"  # its bucket is none that uploads go to now

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, null=True, related_name="files")
    bucket_name = models.CharField(max_length=255)
    key = models.CharField(max_length=1024)
    update = models.BooleanField(help_text="whether it replaced an object")
    compressed = models.BooleanField()
    size = models.PositiveBigIntegerField(null=True)
    original_size = models.PositiveBigIntegerField()
    debug_file = models.CharField(max_length=255)
    debug_id = models.CharField(max_length=255)
    code_file = models.CharField(max_length=255, blank=True, default="")
    code_id = models.CharField(max_length=255, blank=True, default="")
    generator = models.CharField(max_length=255, blank=True, default="")
    kind = models.CharField(max_length=20, blank=True, default="", db_default="")
    role = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="of a native file"
    )
    arch = models.CharField(max_length=32, blank=True, default="", db_default="")
    has = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="separated by commas"
    )
    derived = models.BooleanField(default=False, db_default=False)
    derivation = models.CharField(max_length=20, blank=True, default="", db_default="")
    problem = models.TextField(blank=True, default="", db_default="")
    removal = models.CharField(max_length=20, blank=True, default="", db_default="")
    removing_until = models.DateTimeField(
        null=True, help_text="when one that is being removed is left to others"
    )
    released_at = models.DateTimeField(null=True)
    released_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(
        null=True, help_text="when an upload found it there last, as far as that was noted"
    )

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["debug_file", "debug_id"], name="fileupload_debug"),
            models.Index(fields=["code_file", "code_id"], name="fileupload_code"),
            models.Index(fields=["created_at"], name="fileupload_created_at"),
            # Of lists, as above.
            models.Index(fields=["completed_at", "id"], name="fileupload_completed_at"),
            models.Index(fields=["size", "id"], name="fileupload_size"),
            models.Index(fields=["key", "id"], name="fileupload_key"),
            models.Index(fields=["debug_id"], name="fileupload_debug_id"),
            # Beginnings of names and ids, as people type them (``module_search``).
            models.Index(Folded("debug_file"), "id", name="fileupload_folded_name"),
            models.Index(fields=["code_id"], name="fileupload_code_id"),
            # The newest files of a name: the database must not guess how far back they are.
            models.Index(fields=["debug_file", "created_at", "id"], name="fileupload_debug_newest"),
            models.Index(
                fields=["key"],
                condition=models.Q(completed_at=None),
                name="fileupload_unfinished",
            ),
            # What nobody has brought for long (``regular_files.BROUGHT_AT``).
            models.Index(
                "bucket_name",
                Coalesce("found_at", "created_at"),
                "id",
                condition=models.Q(deleted_at=None, completed_at__isnull=False),
                name="fileupload_brought",
            ),
            # Every request that misses a module looks for what no symbols were derived from yet.
            models.Index(
                fields=["debug_id"],
                condition=models.Q(derivation__in=["pending", "waiting", "failed"]),
                name="fileupload_underived",
            ),
            # Modules of which a file of dwz was missing are derived again when it comes.
            models.Index(
                fields=["problem"],
                condition=models.Q(derivation="done") & ~models.Q(problem=""),
                name="fileupload_lacking",
            ),
            # Symbols that are found by their id alone (``lone_symbols``): what is new of them.
            models.Index(
                fields=["id"],
                condition=models.Q(derived=True, role="debuginfo"),
                name="fileupload_lone",
            ),
            # The names of what debuginfod knows of (``/metadata``), among the symbol files of the same names.
            models.Index(
                fields=["debug_file", "id"],
                condition=models.Q(kind="elf"),
                name="fileupload_elf_debug",
            ),
            models.Index(
                fields=["code_file", "id"],
                condition=models.Q(kind="elf"),
                name="fileupload_elf_code",
            ),
            # Few, and every file that is stored looks for its key among them.
            models.Index(
                fields=["key"],
                condition=models.Q(removal__in=["pending", "removing"]),
                name="fileupload_removing",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def symbol_key(self) -> str:
        """``xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym``: its key without the bucket's prefix."""
        parts = self.key.split("/")
        return "/".join(parts[-4:] if parts[-4:-3] == [NATIVE_FOLDER] else parts[-3:])

    @property
    def is_original(self) -> bool:
        """Whether it lies under the id of its module, and not where the path in its archive said."""
        return self.symbol_key.startswith(f"{NATIVE_FOLDER}/")

    @property
    def file_name(self) -> str:
        """What a native file is asked for as: ``libfoo.so``, ``libfoo.so.debug``, ``xul.pdb``."""
        if not self.is_original:
            return self.key.rpartition("/")[2]
        if self.role == "executable":
            return self.code_file or self.debug_file
        is_separate = self.kind == "elf" and self.role != "split"
        return f"{self.debug_file}.debug" if is_separate else self.debug_file

    @property
    def features(self) -> list[str]:
        """What a native or derived file has: ``["lines", "symbols"]``."""
        return self.has.split(",") if self.has else []


class ResumableUpload(models.Model):
    """An archive that arrives in parts, which lie in its bucket until all of it is stored.

    ``size`` is in bytes, ``offset`` how many of them are kept. It is ``size`` only when the archive is
    stored: the bytes of its end are not kept before that. ``answer`` is then what the upload was
    answered, else ``error`` may say why it was refused, with the status ``error_status``. Who stores
    it just now does so until ``finishing_until``, which is moved on as long as that one lives.
    """

    id = models.CharField(primary_key=True, max_length=32, help_text="hard to guess")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="resumable_uploads"
    )
    filename = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="bytes of the archive")
    offset = models.PositiveBigIntegerField(default=0)
    metadata = models.TextField(help_text="as the client sent it")
    source = models.CharField(max_length=255, help_text="the name of the source of its bucket")
    bucket_name = models.CharField(max_length=255, help_text="as the client named it")
    try_symbols = models.BooleanField()
    answer = models.JSONField(null=True)
    error = models.TextField(blank=True, default="")
    error_status = models.PositiveSmallIntegerField(null=True)
    finishing_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="resumable_expires_at")]

    def __str__(self) -> str:
        return f"{self.filename} ({self.id})"


class ResumablePart(models.Model):
    """Some bytes of an archive, from ``start`` on, in the object ``key`` of its bucket."""

    upload = models.ForeignKey(ResumableUpload, on_delete=models.CASCADE, related_name="parts")
    start = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    key = models.CharField(max_length=1024)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upload", "start"], name="resumable_part_start")
        ]

    def __str__(self) -> str:
        return self.key


class UploadChunk(models.Model):
    """A chunk of some file, by its SHA-1, in the object ``key`` of its bucket.

    Only its user can put files together with it. It is kept for a day after it was asked about last.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=255, help_text="the name of the source of its bucket")
    sha1 = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    key = models.CharField(max_length=1024)
    asked_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "source", "sha1"], name="upload_chunk_sha1")
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], name="upload_chunk_asked_at"),
            models.Index(fields=["key"], name="upload_chunk_key"),
        ]

    def __str__(self) -> str:
        return self.key


class ChunkedFile(models.Model):
    """A file that comes in chunks, by its SHA-1: what became of it, and for whom.

    Files that were asked for together are one ``batch``, and become one upload. ``file`` is the row of
    what was stored; while that is there, nobody has to send the file again.
    """

    class State(models.TextChoices):
        CREATED = "created"  # its batch waits
        ASSEMBLING = "assembling"
        OK = "ok"
        ERROR = "error"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=255, help_text="the name of the source of its bucket")
    try_symbols = models.BooleanField()
    sha1 = models.CharField(max_length=40)
    name = models.CharField(max_length=255)
    chunks = models.JSONField(help_text="their SHA-1s, in their order")
    batch = models.CharField(max_length=32)
    state = models.CharField(max_length=20)
    detail = models.TextField(blank=True, default="")
    file = models.ForeignKey("FileUpload", on_delete=models.CASCADE, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "source", "sha1"], name="chunked_file_sha1")
        ]
        indexes: ClassVar = [
            models.Index(fields=["source", "sha1"], name="chunked_file_source"),
            models.Index(fields=["batch"], name="chunked_file_batch"),
            models.Index(fields=["changed_at"], name="chunked_file_changed_at"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.sha1})"


class UploadsCreated(models.Model):
    """What was uploaded on one day (UTC), so that nobody has to count all uploads to tell.

    ``size`` is in bytes of archives, ``files`` were stored. Removing uploads changes nothing here.
    """

    date = models.DateField(unique=True)
    count = models.PositiveIntegerField(default=0, help_text="uploads")
    files = models.PositiveBigIntegerField(default=0)
    skipped = models.PositiveBigIntegerField(default=0)
    ignored = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    size_avg = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.date}: {self.count}"


class SweepCursor(models.Model):
    """Where the last sweep of a source's indexes, or of many rows, ended: there the next one goes on."""

    source = models.CharField(max_length=255, unique=True, help_text="the name of a source")
    key = models.TextField(help_text="of the last index that was looked at")
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.source}: {self.key}"
