# The set-ups in docker/: the Kubernetes manifest keeps to the schema of the kinds it uses (the fields below
# are those of Kubernetes 1.25 to 1.32 that it may use; an unknown one is a mistake, as it is for an API
# server with strict validation), names what exists, and gives winnow flags that winnow has; so do the
# compose files; the dashboard asks for figures that there are.
import json, re, subprocess, sys
import yaml

source, winnow = sys.argv[1:]
bad = []

# A schema: a type, [schema] for a list, {"name": schema} for an object (a leading ! is required),
# {"*": schema} for an object of any names.
QUANTITY, PORT = re.compile(r"^\d+(m|[KMGT]i?)?$"), (int, str)
RESOURCES = {"requests": {"cpu": QUANTITY, "memory": QUANTITY, "storage": QUANTITY},
             "limits": {"cpu": QUANTITY, "memory": QUANTITY, "storage": QUANTITY}}
LABELS = {"*": str}
META = {"!name": re.compile(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"), "labels": LABELS}
PROBE = {"!httpGet": {"!path": str, "!port": PORT}, "periodSeconds": int, "failureThreshold": int}
CONTAINER = {
    "!name": str, "!image": str, "command": [str], "args": [str],
    "envFrom": [{"!configMapRef": {"!name": str}}],
    "ports": [{"!name": re.compile(r"^[a-z-]{1,15}$"), "!containerPort": int}],
    "livenessProbe": PROBE, "readinessProbe": PROBE, "!resources": RESOURCES,
    "!securityContext": {"!allowPrivilegeEscalation": bool, "!readOnlyRootFilesystem": bool,
                         "!capabilities": {"!drop": [str]}},
    "volumeMounts": [{"!name": str, "!mountPath": str, "readOnly": bool}]}
VOLUME = {"!name": str, "emptyDir": {"medium": str}, "persistentVolumeClaim": {"!claimName": str},
          "secret": {"!secretName": str, "items": [{"!key": str, "!path": str}]}}
POD = {"metadata": {"labels": LABELS}, "!spec": {
    "restartPolicy": re.compile("^(OnFailure|Never|Always)$"), "terminationGracePeriodSeconds": int,
    "!securityContext": {"!runAsNonRoot": bool, "!runAsUser": int, "runAsGroup": int, "fsGroup": int,
                         "seccompProfile": {"!type": str}},
    "automountServiceAccountToken": bool, "initContainers": [CONTAINER], "!containers": [CONTAINER],
    "volumes": [VOLUME]}}
PEER = {"podSelector": {"matchLabels": LABELS}, "namespaceSelector": {"matchLabels": LABELS}}
PORTS = [{"!protocol": re.compile("^(TCP|UDP)$"), "!port": PORT}]
KINDS = {
    ("v1", "ConfigMap"): {"data": LABELS},
    ("v1", "Secret"): {"type": str, "stringData": LABELS},
    ("v1", "PersistentVolumeClaim"): {"!spec": {"!accessModes": [str], "!resources": RESOURCES}},
    ("v1", "Service"): {"!spec": {"clusterIP": str, "publishNotReadyAddresses": bool, "!selector": LABELS,
                                  "!ports": [{"!name": str, "!port": int}]}},
    ("batch/v1", "Job"): {"!spec": {"backoffLimit": int, "!template": POD}},
    ("apps/v1", "Deployment"): {"!spec": {"replicas": int, "!selector": {"!matchLabels": LABELS},
                                          "!template": POD}},
    ("networking.k8s.io/v1", "NetworkPolicy"): {"!spec": {
        "!podSelector": {"matchLabels": LABELS}, "policyTypes": [str],
        "ingress": [{"from": [PEER], "ports": PORTS}], "egress": [{"to": [PEER], "ports": PORTS}]}}}


def complain(words):
    bad.append(words)


def check(value, schema, where):
    if isinstance(schema, re.Pattern):
        if not schema.match(str(value)):
            complain(f"{where}: {value!r} is not like {schema.pattern}")
    elif isinstance(schema, list):
        if not isinstance(value, list):
            return complain(f"{where}: a list is wanted")
        for i, each in enumerate(value):
            check(each, schema[0], f"{where}[{i}]")
    elif isinstance(schema, dict):
        if not isinstance(value, dict):
            return complain(f"{where}: an object is wanted")
        for name, each in value.items():
            known = schema.get(name, schema.get("!" + name, schema.get("*")))
            check(each, known, f"{where}.{name}") if known is not None else complain(f"{where}: no field {name}")
        for name in schema:
            if name[0] == "!" and name[1:] not in value:
                complain(f"{where}: lacks {name[1:]}")
    elif not isinstance(value, schema) or isinstance(value, bool) != (schema is bool):
        complain(f"{where}: {value!r} is no {schema}")


def flags_of(verb, known={}):
    if verb not in known:
        text = subprocess.run([winnow, "help", verb], capture_output=True, text=True).stdout
        known[verb] = set(re.findall(r"^  (--[a-z-]+)", text, re.M))
    return known[verb]


def check_arguments(where, words):
    for word in words[1:]:
        if word.startswith("--") and word.split("=")[0] not in flags_of(words[0]):
            complain(f"{where}: winnow {words[0]} has no {word.split('=')[0]}")


def check_pod(name, pod, there):
    volumes = {v["name"]: v for v in pod.get("volumes", [])}
    for container in pod.get("initContainers", []) + pod["containers"]:
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in volumes:
                complain(f"{name}: no volume {mount['name']}")
        for ref in container.get("envFrom", []):
            if ("ConfigMap", ref["configMapRef"]["name"]) not in there:
                complain(f"{name}: no ConfigMap {ref}")
        if container["securityContext"]["capabilities"]["drop"] != ["ALL"] or \
                container["securityContext"]["allowPrivilegeEscalation"]:
            complain(f"{name}: rights that nothing needs")
        check_arguments(name, container.get("args", []))
    for volume in volumes.values():
        claim = volume.get("persistentVolumeClaim", {}).get("claimName")
        if claim and ("PersistentVolumeClaim", claim) not in there:
            complain(f"{name}: no claim {claim}")
        secret = volume.get("secret")
        if secret and any(item["key"] not in there.get(("Secret", secret["secretName"]), {}).get("stringData", {})
                          for item in secret["items"]):
            complain(f"{name}: {secret['secretName']} lacks a key")


def check_kubernetes():
    documents = list(yaml.safe_load_all(open(source + "/docker/kubernetes.yaml")))
    there = {(d["kind"], d["metadata"]["name"]): d for d in documents}
    if len(there) != len(documents):
        complain("kubernetes.yaml: a name twice")
    for d in documents:
        where = f"{d['kind']}/{d['metadata']['name']}"
        schema = KINDS.get((d["apiVersion"], d["kind"]))
        if schema is None:
            complain(f"{where}: {d['apiVersion']} has no such kind here")
            continue
        check(d, {"!apiVersion": str, "!kind": str, "!metadata": META, **schema}, where)
        if bad:
            return
        if d["kind"] in ("Job", "Deployment"):
            check_pod(where, d["spec"]["template"]["spec"], there)
        if d["kind"] == "Deployment" and d["spec"]["selector"]["matchLabels"] != d["spec"]["template"]["metadata"]["labels"]:
            complain(f"{where}: selects other pods than its own")
        if d["kind"] == "Service":
            pods = [j for j in documents if j["kind"] == "Job" and
                    j["spec"]["template"]["metadata"]["labels"] == d["spec"]["selector"]]
            ports = [p["containerPort"] for j in pods for c in j["spec"]["template"]["spec"]["containers"] for p in c["ports"]]
            if any(p["port"] not in ports for p in d["spec"]["ports"]):
                complain(f"{where}: nobody listens there")


def check_compose(file):
    services = yaml.safe_load(open(f"{source}/docker/{file}"))["services"]
    for name in ("ventilator", "worker", "sink"):
        service = services[name]
        check_arguments(f"{file}: {name}", service["command"])
        if service.get("cap_drop") != ["ALL"] or service.get("read_only") is not True:
            complain(f"{file}: {name} has rights that nothing needs")
        if "--insecure" in service["command"] or not any("--keys" in word for word in service["command"]):
            complain(f"{file}: {name} has no keys")


def check_dashboard():
    names = set(re.findall(r'"((?:winnow|process)_[a-z_]+)"', open(source + "/common/figures.c").read()))
    for panel in json.load(open(source + "/docker/grafana.json"))["panels"]:
        for target in panel["targets"]:
            for name in re.findall(r"\b(?:winnow|process)_[a-z_]+", target["expr"]):
                if not {name, re.sub("_(total|bucket)$", "", name)} & names:
                    complain(f"grafana.json: {panel['title']}: no figure {name}")


check_kubernetes()
check_compose("compose.yml")
check_compose("stack.yml")
check_dashboard()
print("\n".join(bad))
sys.exit(bool(bad))
