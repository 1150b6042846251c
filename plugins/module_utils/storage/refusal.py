"""What a storage server's refusals mean, in one sentence that says what to mend.

`minio` raises S3Error with an XML code for S3 calls, MinioAdminException with a JSON body for admin calls,
and lets urllib3's exceptions through; all of them become StorageError here, with the server's code as data.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError

if TYPE_CHECKING:
    from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage

# Unauthorized is how Cloudflare R2 calls it.
UNKNOWN_USER = ("InvalidAccessKeyId", "InvalidAccessKey", "Unauthorized")
WRONG_SECRET = ("SignatureDoesNotMatch",)
WRONG_REGION = ("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException")
NOT_ALLOWED = ("AccessDenied", "AllAccessDisabled", "XMinioAdminAccessDenied")
NOT_OFFERED = ("NotImplemented", "MethodNotAllowed", "XMinioAdminNotImplemented")


class StorageError(TrackingError):
    """A storage server said no, or nothing. `code` is the S3 or MinIO code of its answer ("" without one)."""

    def __init__(self, what: str, *, code: str, where: str, why: str, mend: str) -> None:
        self.code = code
        super().__init__(what, where=where, why=why, mend=mend, code=code)

    def because(self, why: str, mend: str) -> StorageError:
        """The same refusal with a better reason and mend."""
        return StorageError(self.what, code=self.code, where=self.where, why=why, mend=mend)


@contextlib.contextmanager
def refusals_explained(storage: Storage, what: str) -> Iterator[None]:
    """Turns what `minio` and urllib3 raise inside into a StorageError. `what` failed, as a short clause."""
    import urllib3
    from minio.error import MinioAdminException, MinioException

    try:
        yield
    except MinioAdminException as error:
        code, message = _admin_answer(error)
        raise _refusal(storage, what, code, message) from None
    except MinioException as error:
        code = str(getattr(error, "code", None) or "")
        message = str(getattr(error, "message", None) or "") or _story(error)
        raise _refusal(storage, what, code, message) from None
    except urllib3.exceptions.HTTPError as error:
        raise StorageError(
            what,
            code="",
            where=storage.endpoint,
            why=f"no S3 server answers there: {_cause(error)}",
            mend="Check that the server runs and that variable minio_endpoint_url is its address",
        ) from None


def _admin_answer(error: Exception) -> tuple[str, str]:
    """MinIO's code and message out of the JSON that MinioAdminException holds only as text."""
    body = str(getattr(error, "_body", ""))
    try:
        answer = json.loads(body)
        return str(answer["Code"]), str(answer["Message"])
    except (ValueError, KeyError, TypeError):
        status = getattr(error, "_code", "")
        return "MethodNotAllowed", f"the server has no such admin call (HTTP {status})"


def _story(error: Exception) -> str:
    """InvalidResponseError quotes the whole answer, which may be a web page."""
    return str(error).split(", Body:")[0]


def _cause(error: Exception) -> str:
    import urllib3

    reason = getattr(error, "reason", None) or error
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "its host name is unknown"
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return str(reason).rsplit(": ", 1)[-1]
    if isinstance(reason, urllib3.exceptions.ConnectTimeoutError):
        return "it does not accept a connection in time"
    if isinstance(reason, urllib3.exceptions.SSLError):
        return f"TLS with it fails ({reason}); SSL_CERT_FILE names authorities to trust"
    return f"{type(reason).__name__}: {str(reason).rsplit(': ', 1)[-1]}"


def _refusal(storage: Storage, what: str, code: str, message: str) -> StorageError:
    keys = storage.keys
    why, mend = message.rstrip(".") + (f" ({code})" if code else ""), ""
    if code in UNKNOWN_USER:
        why = f"the server does not know the access key {keys.access_key!r} from {keys.source}"
        mend = f"Put a valid access key into {keys.source}"
    elif code in WRONG_SECRET:
        why = f"the secret key from {keys.source} is not the one of access key {keys.access_key!r}"
        mend = f"Put the right secret key into {keys.source}"
    elif code in WRONG_REGION:
        mend = f"Set variable minio_region, which is {storage.region}, to the region of this server and bucket"
    elif not code:
        mend = "Check that variable minio_endpoint_url is the address of an S3 server"
    elif code in NOT_ALLOWED:
        why = f"access key {keys.access_key!r} from {keys.source} is not allowed to"
        mend = f"Give this user the permission, or put other keys into {keys.source}"
    return StorageError(what, code=code, where=storage.endpoint, why=why, mend=mend)
