"""The images that the cluster runs, built from this tree."""

import os
import re

from .steps import Failure, output_of, run_logged, step, succeeds

PUBLISHED = "debian:bookworm-slim"
HOME_MADE = "mp-test-base:bookworm"


def environment():
    """What the images are built with and called, unless told otherwise."""
    require_docker()
    env = {**os.environ, "MP_MANAGER_IMAGE": "mp-test-manager", "MP_WORKER_IMAGE": "mp-test-worker"}
    package_sources(env)
    if "MP_BASE_IMAGE" not in env:
        env["MP_BASE_IMAGE"] = base_image(env)
    return env


def build_images(cluster):
    with step(f"builds on {cluster.env['MP_BASE_IMAGE']}"):
        run_logged("build", [*cluster.compose_command, "build", "manager", "worker"], cluster.env)
    sizes = {name: int(output_of(["docker", "image", "inspect", "--format", "{{.Size}}", cluster.env[name]]))
             for name in ("MP_MANAGER_IMAGE", "MP_WORKER_IMAGE")}
    print(", ".join(f"{cluster.env[name]}: {size / 1e6:.0f} MB" for name, size in sizes.items()), flush=True)


def require_docker():
    if not succeeds("docker", "version"):
        raise Failure("no Docker daemon answers: start one (systemctl start docker, or dockerd), or join group docker")


def base_image(env):
    """Debian's published image; where it cannot be had, one like it."""
    if succeeds("docker", "image", "inspect", PUBLISHED):
        return PUBLISHED
    with step(f"looks for {PUBLISHED}"):
        if succeeds("docker", "pull", "--quiet", PUBLISHED, seconds=300):
            return PUBLISHED
    if not succeeds("docker", "image", "inspect", HOME_MADE):
        with step(f"cannot pull {PUBLISHED}: makes {HOME_MADE} by debootstrap"):
            run_logged("base-image", ["deploy/base-image", HOME_MADE], env)
    return HOME_MADE


def package_sources(env):
    """The build takes packages by the same way as this machine, unless told otherwise."""
    env.setdefault("MP_BUILD_NETWORK", "host")
    if not succeeds("apt-config", "dump"):
        return
    proxy = re.search(r"'(\S+)'", output_of(["apt-config", "shell", "proxy", "Acquire::http::Proxy"]))
    if proxy and "http_proxy" not in env:
        env["http_proxy"] = proxy.group(1)
    sources = output_of(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Codename: bookworm",
                         "Created-By: Packages"])
    mirror = re.search(r"^(http://\S+)/debian/?$", sources, re.MULTILINE)
    if mirror and "APT_MIRROR" not in env:
        env["APT_MIRROR"] = mirror.group(1)
