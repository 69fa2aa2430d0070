"""Archives of given members, made in memory."""

import io
import tarfile
import zipfile


def pack_zip(members: dict[str, bytes]) -> bytes:
    """Return a zip of these members, by name."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def pack_tar(members: dict[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar of these members, by name."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=format) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()
