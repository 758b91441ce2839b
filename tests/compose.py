"""docker-compose.yml keeps what docs/install.md says of it: who is reachable, and what nobody may."""

import sys

import yaml

with open("docker-compose.yml", encoding="utf-8") as file:
    services = yaml.safe_load(file)["services"]

faults = []


def must(holds, law):
    if not holds:
        faults.append(law)


must(set(services) == {"tidings", "caddy"}, "the services are tidings and caddy")
for name, service in services.items():
    must(service.get("read_only") is True, f"{name} has a read-only root")
    must(service.get("cap_drop") == ["ALL"], f"{name} gives up every capability")
    must("no-new-privileges:true" in service.get("security_opt", []), f"{name} gains no privileges")
    for key in ("privileged", "network_mode", "pid", "ipc", "devices", "user"):
        must(key not in service, f"{name} has no `{key}`")
    for volume in service["volumes"]:
        must("docker.sock" not in volume, f"{name} does not reach Docker")
        must(not volume.startswith("./") or volume.endswith(":ro"), f"{name}: {volume} is read-only")

tidings, caddy = services["tidings"], services["caddy"]
must("cap_add" not in tidings, "tidings takes no capability back")
must(caddy.get("cap_add") == ["NET_BIND_SERVICE"], "caddy takes back the ports below 1024 alone")
must("ports" not in tidings, "only Caddy's ports are published")
outside = {port for port in caddy["ports"] if not port.startswith("127.0.0.1:")}
must(outside == {"80:80", "443:443", "443:443/udp"}, "only HTTP and HTTPS are open to the outside")
must("data:/data" in tidings["volumes"], "events are in a volume")
must("caddy-data:/data" in caddy["volumes"], "certificates are in a volume")
for variable in tidings["environment"]:
    must("=" not in variable, f"no value stands in the file: {variable}")

for law in faults:
    print(f"docker-compose.yml: it is no longer so that {law}", file=sys.stderr)
sys.exit(bool(faults))
