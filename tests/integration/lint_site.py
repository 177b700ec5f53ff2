"""Deliberately broken packages: the real one with a small change each (``packages/*.yaml``)."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from config.errors import Report
from config.package import DIRECTIVES
from config.yaml_file import read_yaml

SOURCE = DIRECTIVES / "57-kl-tw"
PACKAGES = Path(__file__).parent / "packages"
TEXT = "documents/256-kh-tu.vi.md"


class _Loader(yaml.SafeLoader):
    """Dates stay text, as in the packages themselves."""


_LOADING = {
    first: [each for each in kinds if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, kinds in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.yaml_implicit_resolvers = _LOADING


def slip(name: str) -> dict[str, Any]:
    """Return what ``packages/<name>.yaml`` says: what is changed, what must be found."""
    found = yaml.load((PACKAGES / f"{name}.yaml").read_text("utf-8"), Loader=_Loader)
    assert isinstance(found, dict)
    return found


def names() -> list[str]:
    """Return all broken packages."""
    return sorted(file.stem for file in PACKAGES.glob("*.yaml"))


def build(folder: Path, name: str) -> None:
    """Write the broken package *name* into *folder*."""
    shutil.copytree(SOURCE, folder)
    said = slip(name)
    for each in said.get("text", []):
        file = folder / TEXT
        plain = file.read_text("utf-8").replace("**", "")
        assert plain.count(each["from"]) == 1
        file.write_text(plain.replace(each["from"], each["to"]), "utf-8")
    apply(folder, said["changes"])


def apply(folder: Path, changes: list[dict[str, Any]]) -> None:
    """Make *changes* to the package in *folder*."""
    for change in changes:
        file = read_yaml(folder, change["file"], Report())
        assert file is not None
        data = copy.deepcopy(file.data)
        _change(data, change)
        # JSON is YAML: nothing is lost but the layout.
        (folder / change["file"]).write_text(json.dumps(data, indent=1), "utf-8")


def _change(data: Any, change: dict[str, Any]) -> None:
    holder, place = None, data
    for step in change["at"]:
        holder, place = place, place[_index(place, step)]
    if "append" in change:
        place.append(change["append"])
    elif change.get("remove"):
        holder.remove(place)  # type: ignore[union-attr]
    else:
        for key, value in change["set"].items():
            if value is None:
                place.pop(key, None)
            else:
                place[key] = value


def _index(place: Any, step: str) -> Any:
    if isinstance(place, dict):
        return step
    return next(i for i, each in enumerate(place) if step in (each.get("id"), each.get("body")))
