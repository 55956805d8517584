"""A clean Debian root that commands run in, for check_docker.py and check_debian.py (as root, with debootstrap)."""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SETTINGS = re.compile(r"(https?|no)_proxy|PIP_\w+|SSL_CERT_\w+", re.IGNORECASE)
SETTINGS_FOLDER = "/opt/machine-settings"


def pip_settings(listing):
    """What `pip config list` prints, as the environment variables that say the same."""
    settings = {}
    for line in listing.splitlines():
        section, name, value = re.fullmatch(r"(:env:|[\w-]+)\.([\w-]+)=(.*)", line).groups()
        if section in (":env:", "global", "download"):  # the sections that `pip download` reads
            settings["PIP_" + name.upper().replace("-", "_")] = ast.literal_eval(value)
    return settings


def machine_settings():
    """This machine's settings of proxies, pip and certificates, wherever they come from."""
    pip = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    own = {name: value for name, value in os.environ.items() if SETTINGS.fullmatch(name)}
    return {**pip_settings(pip.stdout), **own}


class Root:
    """A minimal Debian in a folder, with the kernel's file systems mounted until leave()."""

    def __init__(self, folder, suite):
        self.folder = folder
        self.workdir, self.user, self.entrypoint = "/", None, []
        subprocess.run([SOURCE / "scripts/debian_root.sh", suite, folder], check=True)
        self.mounts = []
        self.mount("-t", "proc", "proc", path="/proc")
        self.mount("-t", "sysfs", "-o", "ro", "sysfs", path="/sys")
        self.mount("-t", "tmpfs", "tmpfs", path="/dev/shm")
        self.mount("-t", "devpts", "devpts", path="/dev/pts")

    def inside(self, path):
        return self.folder / str(path).lstrip("/")

    def mount(self, *options, path):
        subprocess.run(["mount", *options, self.inside(path)], check=True)
        self.mounts.append(self.inside(path))

    def leave(self):
        while self.mounts:
            subprocess.run(["umount", self.mounts.pop()], check=True)

    def copy_settings(self):
        """This machine's settings, for run(). Files and folders that they name are copied: what is done in a root,
        such as installing certificates, must not reach this machine's own."""
        settings = {}
        for name, value in machine_settings().items():
            words = value.split()
            for i, word in enumerate(words):
                if not os.path.isabs(word) or not os.path.exists(word):
                    continue
                words[i] = f"{SETTINGS_FOLDER}/{name}/{i}"
                target = self.inside(words[i])
                target.parent.mkdir(parents=True, exist_ok=True)
                subprocess.run(["cp", "-rL", word, target], check=False)
            settings[name] = " ".join(words)
        return settings

    def run(self, *command, settings=None, check=True, **options):
        env = {"PATH": PATH, "HOME": f"/home/{self.user}" if self.user else "/root", **(settings or {})}
        user = ["--userspec", f"{self.user}:{self.user}"] if self.user else []
        go = ["sh", "-c", 'cd "$0" && exec "$@"', self.workdir, *command]
        return subprocess.run(["chroot", *user, self.folder, *go], check=check, env=env, **options)

    def copy(self, sources, target, origin):
        """As a Dockerfile's COPY does: what is in a folder is copied, not the folder."""
        target = self.inside(os.path.join(self.workdir, target))
        target.mkdir(parents=True, exist_ok=True)
        for source in sources:
            subprocess.run(["cp", "-a", f"{origin / source.lstrip('/')}/.", target], check=True)


def remove(work):
    """What a run that was killed left mounted must not be removed with the folder."""
    mounted = [line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    for path in reversed(mounted):
        if path.startswith(f"{work}/"):
            subprocess.run(["umount", path], check=True)
    shutil.rmtree(work, ignore_errors=True)
