"""`cascade keys`: replace a secret of the installation while everything runs."""

from cli.problems import out
from config.settings import load as load_settings
from portal.keyring import OVERLAP_SECONDS, rotate


def rotate_portal(lang: str) -> int:
    """Put a new key before the portal's others; return the exit status.

    Every portal on this folder seals with it from now on; pages that are open stay good.
    """
    settings = load_settings()
    now = int(settings.machine_clock().now().timestamp())
    kid = rotate(settings.var / "portal.key", now)
    hours = OVERLAP_SECONDS // 3600
    out.print(
        f"Khóa mới của trang: {kid}. Khóa cũ còn dùng được {hours} giờ cho trang đang mở."
        if lang == "vi"
        else f"The portal's new key: {kid}. Pages that are open stay good for {hours} hours."
    )
    return 0
